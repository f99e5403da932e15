import { isIngress, readIngress } from '../../cluster/ingress.ts';
import { isService, readService } from '../../cluster/service.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { dialectOf, dialects } from '../../network/ingress/dialects.ts';
import { assignmentOf, controllerOf } from '../../network/ingressController.ts';
import { kindOf, loadBalancerKinds } from '../../network/loadBalancers/catalogue.ts';
import { dialectFor, ruleSurroundings } from '../ruledTable.ts';
import { about, type AskedPlace, type Candidate, distinctTexts } from './candidate.ts';
import { cursorWord, isAt } from './cursor.ts';

/**
 * The annotations that change where traffic goes: on a Service those of load balancers' controllers, on an Ingress
 * those of Ingress controllers. Those come first that are read by whoever takes this very object.
 */
export function annotationsAt({ scene: { model }, manifest, path, part }: AskedPlace): Candidate[] {
  if (!isAt(path, 'metadata.annotations.*')) return [];
  if (part === 'value') {
    const name = String(path.at(-1));
    return distinctTexts([...valuesElsewhere(model, manifest, name), ...valuesRead(model, manifest, name)]);
  }
  const known = isService(manifest)
    ? ofBalancers(model, manifest)
    : isIngress(manifest)
      ? ofControllers(model, manifest)
      : [];
  return distinctTexts(known).filter(({ text }) => !manifest.annotations.has(text));
}

function ofBalancers(model: ClusterModel, manifest: Manifest): Candidate[] {
  const own = kindOf(model, readService(manifest)).kind;
  return [own, ...loadBalancerKinds].flatMap(({ title, annotations }) =>
    annotations.map(({ name, meaning }) => ({ text: name, kind: 'field', about: about(title, meaning) })),
  );
}

function ofControllers(model: ClusterModel, manifest: Manifest): Candidate[] {
  const ingress = readIngress(manifest);
  const assignment = assignmentOf(model.declared, ingress);
  const product = assignment.kind === 'cloud' ? assignment.product : controllerOf(model, ingress)?.implementation;
  const own = product === undefined ? null : dialectOf(product);
  return [...(own === null ? [] : [own]), ...dialects].flatMap((dialect) =>
    dialect.annotations.modelled.map((name) => ({
      text: name,
      kind: 'field',
      about: about(dialect === own ? `${dialect.product}, which serves this Ingress` : dialect.product),
    })),
  );
}

/** What others of the set write for the same annotation, the usual first. */
function valuesElsewhere({ declared }: ClusterModel, { key, kind }: Manifest, annotation: string): Candidate[] {
  const counts = new Map<string, Manifest[]>();
  for (const each of declared.ofKind(kind)) {
    const value = each.annotations.get(annotation);
    if (value === undefined || value === cursorWord || value.length > longest || each.key === key) continue;
    counts.set(value, [...(counts.get(value) ?? []), each]);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([text, having]) => ({
      text,
      kind: 'value',
      about: about(having.length === 1 ? `as ${kind} ${having[0]?.name}` : `as ${having.length} objects here`),
    }));
}

/** What an annotation's value often is: a switch, a protocol, a way to match. */
const usualValues = [
  'true',
  'false',
  'on',
  'off',
  'HTTP',
  'HTTPS',
  'GRPC',
  'GRPCS',
  'FCGI',
  'exact',
  'prefix',
  'regex',
];

/** Those that the controller reads: its own reader is asked, and one that takes any word says nothing. */
function valuesRead(model: ClusterModel, manifest: Manifest, annotation: string): Candidate[] {
  if (!isIngress(manifest)) return [];
  const dialect = dialectFor(model, readIngress(manifest));
  if (dialect === null || !dialect.annotations.modelled.includes(annotation)) return [];
  const isRead = (value: string): boolean => {
    const annotations = new Map(manifest.annotations).set(annotation, value);
    const ingress = readIngress({ ...manifest, annotations });
    return dialect.unread(ingress, ruleSurroundings(model, ingress)).every(({ name }) => name !== annotation);
  };
  if (isRead(cursorWord)) return [];
  return usualValues
    .filter(isRead)
    .map((text) => ({ text, kind: 'value', about: about(`${dialect.product} reads it`) }));
}

/** What is longer is a snippet, or what some tool noted. */
const longest = 100;
