import { printable } from '../../manifest/printable.ts';
import { plainScalar } from '../../manifest/plainScalar.ts';
import type { Position, Range } from '../../manifest/position.ts';
import { plainText } from '../../manifest/textChanges.ts';
import type { Workspace } from '../workspace.ts';
import { annotationsAt } from './annotations.ts';
import type { AskedPlace, Candidate, CandidateKind, Completer } from './candidate.ts';
import { cursorAt, type Reading, type Typed } from './cursor.ts';
import { hostsAt } from './hosts.ts';
import { labelsAt } from './labels.ts';
import { namesAt } from './names.ts';
import { policyFieldsAt } from './policyFields.ts';
import { portsAt } from './ports.ts';
import { profileFieldsAt } from './profileFields.ts';
import { setFieldsAt } from './setFields.ts';
import { type Surroundings, surroundingsOf } from './surroundings.ts';

/**
 * What the set has, at every place that refers to some of it. The fields that objects have, and what Kubernetes itself
 * takes in them, are left to the YAML extension: only Hoplens' own kinds are completed whole.
 */
export interface Completions {
  readonly items: readonly Completion[];
  /** Whether there are more, so that it is worth asking again when more is typed. */
  readonly isIncomplete: boolean;
}

/** Something that can be written where the cursor stands. */
export interface Completion {
  readonly label: string;
  readonly kind: CandidateKind;
  readonly detail: string;
  readonly documentation: string;
  /** What is typed of it is compared with this. */
  readonly filterText: string;
  readonly range: Range;
  readonly newText: string;
}

/** All of the ways; the places of each are another's hardly ever. */
const completers: readonly Completer[] = [
  namesAt,
  portsAt,
  labelsAt,
  hostsAt,
  annotationsAt,
  profileFieldsAt,
  setFieldsAt,
  policyFieldsAt,
];

/** As many as an editor is given at once. */
const mostGiven = 200;

export function completionsAt(workspace: Workspace, uri: string, text: string, position: Position): Completions {
  const around = surroundingsOf(workspace, uri);
  const cursor = around === null ? null : cursorAt(uri, text, position, around.mask);
  if (around === null || cursor === null) return { items: [], isIncomplete: false };
  const { typed } = cursor;
  const all = cursor.readings.flatMap((reading) =>
    placesOf({ workspace, uri, around, typed }, reading)
      .flatMap((place) => completers.flatMap((each) => each(place)))
      .flatMap((candidate) => (around.isWritable(candidate.text) ? [{ candidate, reading }] : [])),
  );
  const fitting = all.length <= mostGiven ? all : all.filter(({ candidate }) => isMeant(candidate, typed));
  return {
    items: distinct(fitting.slice(0, mostGiven).map(({ candidate, reading }) => completion(candidate, reading, typed))),
    isIncomplete: fitting.length > mostGiven || fitting.length < all.length,
  };
}

interface Asking {
  readonly workspace: Workspace;
  readonly uri: string;
  readonly around: Surroundings;
  readonly typed: Typed;
}

/** The object that is typed; where what is typed is none, the fields of built ones that it decides. */
function placesOf({ workspace, uri, around, typed }: Asking, { manifest, path, part }: Reading): AskedPlace[] {
  const { generated } = around;
  const besides = {
    part,
    hasColon: typed.hasColon,
    generated,
    profiles: () => [...new Set(workspace.profiles().map(({ name }) => name))].toSorted(),
  };
  if (manifest !== null) {
    const { scene } = around;
    return [{ ...besides, scene, manifest: scene.inItsNamespace(manifest), path }];
  }
  if (part === 'key') return [];
  return workspace
    .fieldsAt(uri, typed.range.start)
    .flatMap(({ scene, fields }) => fields.map((field) => ({ ...besides, ...field, scene })));
}

function distinct(completions: readonly Completion[]): Completion[] {
  return [...new Map(completions.toReversed().map((each) => [each.newText, each])).values()].toReversed();
}

/** As editors match: the letters in their order. */
function isMeant({ text, value }: Candidate, { before }: Typed): boolean {
  let at = 0;
  const all = `${text}: ${value ?? ''}`.toLowerCase();
  for (const letter of before.toLowerCase()) {
    at = all.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

function completion(candidate: Candidate, { part }: Reading, typed: Typed): Completion {
  const { text, kind, isNumber } = candidate;
  const { detail, documentation } = candidate.about();
  const written = quoted(text, typed.quote, isNumber === true);
  const isWithValue = part === 'key' && !typed.hasColon;
  const value = isWithValue ? candidate.value : undefined;
  return {
    label: printable(value === undefined ? text : `${text}: ${value}`),
    kind,
    detail: printable(detail),
    documentation: documentation.split('\n').map(printable).join('\n'),
    filterText: typed.quote + text + (value === undefined ? '' : `: ${value}`),
    range: typed.range,
    newText: isWithValue ? `${written}: ${quoted(value ?? '', typed.quote, false)}` : written,
  };
}

/** As YAML has it: in the quotes that were begun, else in quotes where it would be read as something else. */
function quoted(text: string, quote: Typed['quote'], isNumber: boolean): string {
  if (isNumber || text === '') return text;
  if (quote === '"') return JSON.stringify(text);
  if (quote === "'") return `'${text.replaceAll("'", "''")}'`;
  return isPlain(text) ? text : plainText(text);
}

/** A name may begin with a digit, and a host have several dots, as long as it is no number. */
function isPlain(text: string): boolean {
  return /^[A-Za-z0-9][\w./-]*$/.test(text) && plainScalar(text).kind === 'text' && !/^[yn]$/i.test(text);
}
