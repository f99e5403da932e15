import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import { type LabelSelector, matchesAll } from '../../cluster/labelSelector.ts';
import type { PolicyPeer } from '../../cluster/networkPolicy.ts';
import { printableStart } from '../../manifest/printable.ts';

// Whom an entry of a policy names, in a few words, whoever that may be.

/** As much of a name as a line has room for. */
const longestName = 60;

export function named(text: string): string {
  return printableStart(text, longestName);
}

/** An entry of `from` or `to`: `app=web of shop`, `10.0.0.0/8`. */
export function peerText(peer: PolicyPeer): string {
  return peer.kind === 'addresses' ? rangeText(peer) : selectorsText(peer);
}

/** `10.0.0.0/8`, `10.0.0.0/8 except 10.1.0.0/16`, `10.0.0.0/8 except 3 ranges`. */
export function rangeText({ range, except }: Extract<PolicyPeer, { kind: 'addresses' }>): string {
  const [first] = except;
  if (first === undefined) return named(range);
  return `${named(range)} except ${except.length === 1 ? named(first) : `${except.length} ranges`}`;
}

export function selectorsText({
  pods,
  namespaces,
}: Pick<Extract<PolicyPeer, { kind: 'pods' }>, 'pods' | 'namespaces'>): string {
  const own = matchesAll(pods) ? [] : [selectorText(pods)];
  if (namespaces === null) return own.join('') || 'all pods of its namespace';
  const name = namespaces.labels.get(namespaceNameLabel);
  const where = name !== undefined && namespaces.labels.size === 1 && namespaces.expressions.length === 0;
  const whose = where ? named(name) : matchesAll(namespaces) ? '' : `namespaces with ${selectorText(namespaces)}`;
  return [...own, ...(whose === '' ? [] : [whose])].join(' of ') || 'all pods';
}

/** As kubectl prints it: `app=web,tier in (a, b),!old`. */
export function selectorText({ labels, expressions }: LabelSelector): string {
  return named(
    [
      ...[...labels].map(([key, value]) => `${key}=${value}`),
      ...expressions.map(({ key, operator, values }) => {
        switch (operator) {
          case 'Exists':
            return key;
          case 'DoesNotExist':
            return `!${key}`;
          case 'In':
            return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`;
          case 'NotIn':
            return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(', ')})`;
          default:
            return `${key} ${operator}`;
        }
      }),
    ].join(','),
  );
}
