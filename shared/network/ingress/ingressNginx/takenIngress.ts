import { once } from '../../../cluster/once.ts';
import type { Backend, Ingress, IngressPath } from '../../../cluster/ingress.ts';
import type { FieldPath } from '../../../manifest/value.ts';
import { itemsAt, textAt, valueAt } from '../../../manifest/value.ts';
import { nginxPrefix, placeOfAnnotation } from '../nginxAnnotation.ts';
import { type Surroundings, unknownSurroundings } from '../surroundings.ts';
import { type Asked, askedBy, namesObjects, refusedAnnotation } from './annotations.ts';
import { byBytes } from '../../goText.ts';
import type { NginxSettings } from './settings.ts';

/**
 * An Ingress as the controller keeps it, or why it passes over it.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/store/store.go `syncIngress`, the event handlers before
 * it, and internal/ingress/inspector (v1.14.5).
 */
export interface TakenIngress {
  readonly ingress: Ingress;
  readonly asked: Asked;
  readonly rules: readonly TakenRule[];
}

export interface TakenRule {
  /** `_` for any. */
  readonly host: string;
  readonly at: FieldPath;
  /** Null where the rule has no `http`. */
  readonly paths: readonly TakenPath[] | null;
}

export interface TakenPath {
  /** `/` where none is written. */
  readonly path: string;
  readonly pathType: NginxPathType;
  readonly rule: IngressPath;
}

/** ImplementationSpecific is Prefix. Source: internal/ingress/controller/controller.go `SetDefaultNGINXPathType`. */
export type NginxPathType = 'Exact' | 'Prefix';

/** An Ingress that is passed over: an older state of it goes on to count, else it is as if it weren't there. */
export interface RefusedIngress {
  readonly ingress: Ingress;
  readonly at: FieldPath;
  readonly why: string;
}

/** The server that takes what no name takes, and the host of rules without one. */
export const anyHost = '_';

export function isRefused(found: TakenIngress | RefusedIngress): found is RefusedIngress {
  return 'why' in found;
}

export function taken(
  ingress: Ingress,
  settings: NginxSettings,
  surroundings: Surroundings,
): TakenIngress | RefusedIngress {
  return namesObjects(ingress) ? read(ingress, settings, surroundings) : takenAlone(settings)(ingress);
}

/** Where no annotation names another object, once for each Ingress and settings. */
const takenAlone = once((settings: NginxSettings) =>
  once((ingress: Ingress) => read(ingress, settings, unknownSurroundings)),
);

function read(ingress: Ingress, settings: NginxSettings, surroundings: Surroundings): TakenIngress | RefusedIngress {
  return (
    refused(ingress, settings) ?? {
      ingress,
      asked: askedBy(ingress, settings, surroundings),
      rules: rulesOf(ingress),
    }
  );
}

/** Without what needs the annotations: the same the webhook asks first. Null where it is taken. */
export function refused(ingress: Ingress, settings: NginxSettings): RefusedIngress | null {
  const suspect = settings.inspectsDeeply ? writtenTexts(ingress).find(({ text }) => isSuspect(text)) : undefined;
  if (suspect !== undefined)
    return { ingress, at: suspect.at, why: `${suspect.text} looks like something of nginx's own configuration` };
  if (settings.disablesCatchAll && ingress.defaultBackend !== null)
    return { ingress, at: ingress.defaultBackend.at, why: 'the controller runs with --disable-catch-all' };
  const blocked = blockedAnnotation(ingress, settings.wordBlocklist);
  if (blocked !== null)
    return {
      ingress,
      at: placeOfAnnotation(blocked.annotation),
      why: `${blocked.annotation} has a word that is blocked: ${blocked.word}`,
    };
  const annotation = refusedAnnotation(ingress, settings);
  return annotation === null
    ? null
    : { ingress, at: placeOfAnnotation(annotation.annotation), why: `${annotation.annotation} ${annotation.why}` };
}

function rulesOf({ manifest, rules: flattened }: Ingress): TakenRule[] {
  let next = 0;
  return itemsAt(manifest.value, 'spec', 'rules').map((rule, index): TakenRule => {
    const own = flattened.slice(next, next + itemsAt(rule, 'http', 'paths').length);
    next += own.length;
    return {
      host: textAt(rule, 'host')?.toLowerCase() || anyHost,
      at: ['spec', 'rules', index],
      paths:
        (valueAt(rule, 'http') ?? null) === null
          ? null
          : own.map((each) => ({
              path: each.path === '' ? '/' : each.path,
              pathType: each.pathType === 'Exact' ? 'Exact' : 'Prefix',
              rule: each,
            })),
    };
  });
}

function writtenTexts({
  manifest: { value },
  rules,
  tls,
}: Ingress): { readonly text: string; readonly at: FieldPath }[] {
  return [
    ...itemsAt(value, 'spec', 'rules').map((rule, index) => ({
      text: textAt(rule, 'host') ?? '',
      at: ['spec', 'rules', index, 'host'],
    })),
    ...rules.map(({ path, at }) => ({ text: path, at: [...at, 'path'] })),
    ...tls.flatMap(({ hosts, secret, at }) => [
      { text: secret ?? '', at: [...at, 'secretName'] },
      ...hosts.map((text) => ({ text, at: [...at, 'hosts'] })),
    ]),
  ];
}

/** Source: internal/ingress/inspector/rules.go, read in linear time. */
function isSuspect(text: string): boolean {
  const isDirective = (word: string): boolean => text.includes(word) && text.lastIndexOf(';') > text.indexOf(word);
  return (
    isDirective('alias') ||
    isDirective('root') ||
    /\/etc\/(?:passwd|shadow|group|nginx|ingress-controller)|\/var\/run\/secrets|_by_lua/.test(text)
  );
}

function blockedAnnotation(
  { manifest: { annotations } }: Ingress,
  blocklist: string,
): { readonly annotation: string; readonly word: string } | null {
  const words = blocklist === '' ? [] : blocklist.trim().split(',');
  for (const [name, value] of annotations) {
    const word = words.find((each) => value.includes(each));
    if (word !== undefined && name.startsWith(nginxPrefix)) return { annotation: name.slice(nginxPrefix.length), word };
  }
  return null;
}

/**
 * The oldest first; of one age by namespace and name, backwards. Where nothing was applied yet, as they stand.
 * Source: internal/ingress/controller/store/store.go `sortIngressSlice`.
 */
export function byAge(ingresses: readonly TakenIngress[]): TakenIngress[] {
  const ageOf = ({ ingress }: TakenIngress): number => Math.floor(Date.parse(ingress.createdAt ?? '') / 1000) || 0;
  const isApplied = ({ ingress }: TakenIngress): boolean => ingress.createdAt !== null;
  const name = ({ ingress }: TakenIngress): string => `${ingress.namespace}/${ingress.name}`;
  return ingresses.toSorted(
    (a, b) => ageOf(a) - ageOf(b) || (isApplied(a) && isApplied(b) ? byBytes(name(b), name(a)) : 0),
  );
}

/** A Service and a port of it, as text: what an upstream is known by. */
export interface ServiceRef {
  readonly namespace: string;
  readonly name: string;
  /** Empty where none is written. */
  readonly port: string;
}

export function serviceRef({ namespace }: Ingress, { service, port }: Backend): ServiceRef {
  return { namespace, name: service, port: port === null || port === 0 ? '' : String(port) };
}
