import type { Manifest } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import type { Scene } from '../scene.ts';
import type { GeneratedObject } from './surroundings.ts';

/** What is asked about: a place of an object that somebody is typing, and the set that the object is part of. */
export interface AskedPlace {
  readonly scene: Scene;
  /** The object as it is read with the cursor's word in it. */
  readonly manifest: Manifest;
  readonly path: FieldPath;
  readonly part: 'key' | 'value';
  /** Whether a key has its colon, so that no value can be given with it. */
  readonly hasColon: boolean;
  /** What no manifest shows: a kustomization makes it. */
  readonly generated: readonly GeneratedObject[];
  /** The names of the workspace's ClusterProfiles. */
  readonly profiles: () => readonly string[];
}

/** Something of the set that can stand there. */
export interface Candidate {
  readonly text: string;
  /** Of a key, the value that it is written with. */
  readonly value?: string;
  readonly kind: CandidateKind;
  /** Made for those alone that are given. */
  readonly about: () => About;
  /** Whether it is written as a number, where a text would be refused. */
  readonly isNumber?: boolean;
}

/** What a candidate is and what it would come to, in a few words; and more of it, line by line. */
export interface About {
  readonly detail: string;
  readonly documentation: string;
}

export function about(detail: string, documentation = ''): Candidate['about'] {
  return () => ({ detail, documentation });
}

export type CandidateKind = 'object' | 'port' | 'label' | 'namespace' | 'host' | 'kind' | 'field' | 'value';

/** One way to find candidates, the likeliest first; none where it knows nothing of the place. */
export type Completer = (place: AskedPlace) => readonly Candidate[];

/** The first candidate of each text. */
export function distinctTexts(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.toReversed().map((each) => [each.text, each])).values()].toReversed();
}
