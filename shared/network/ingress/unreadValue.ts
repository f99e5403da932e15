/** An annotation of which a controller can't read the value, and what it does then. */
export interface UnreadValue {
  /** The annotation's whole name. */
  readonly name: string;
  /** What is wrong with it: `canary-weight is no whole number: 20%`. */
  readonly what: string;
  readonly effect: EffectOfUnread;
}

export type EffectOfUnread =
  | 'annotation-ignored'
  | 'taken-for-false'
  /** Of the Ingress, the `ImplementationSpecific` paths. */
  | 'paths-ignored'
  | 'ingress-ignored'
  /** A cloud's balancer stays as it is, for all Ingresses that share it. */
  | 'balancer-unchanged'
  | 'host-answers-403'
  | 'answers-503';

export function noBoolean(name: string, value: string): string {
  return `${name} is neither true nor false: ${value}`;
}

export function noInteger(name: string, value: string): string {
  return `${name} is no whole number: ${value}`;
}

export function noneOf(name: string, known: readonly string[], value: string): string {
  const last = known.at(-1);
  const others = known.slice(0, -1).join(', ');
  return `${name} is ${known.length === 2 ? `neither ${others} nor` : `none of ${others} and`} ${last}: ${value}`;
}
