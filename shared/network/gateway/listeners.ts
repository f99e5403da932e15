import type { Declared } from '../../cluster/declared.ts';
import {
  allowsNamespace,
  type Gateway,
  kindsCarried,
  type Listener,
  type ListenerSet,
} from '../../cluster/gatewayApi/gateway.ts';
import { gatewayGroup, isGranted } from '../../cluster/gatewayApi/reference.ts';
import { type RouteKind, routeKinds } from '../../cluster/gatewayApi/route.ts';
import type { Condition } from './condition.ts';
import type { Ways } from './ways.ts';

/**
 * A Gateway's listeners with those that ListenerSets add, as the standard judges them: which clash, which carry what
 * kinds of routes, which certificates may be used.
 * Source: kubernetes-sigs/gateway-api apis/v1/gateway_types.go, listenerset_types.go (v1.6.1).
 */
export interface JudgedListener {
  readonly listener: Listener;
  readonly hostname: string | null;
  /** What is false of it, with the standard's reasons; empty where all is well. */
  readonly conditions: readonly Condition[];
  /** Whether it takes requests. */
  readonly isAccepted: boolean;
  readonly kinds: readonly RouteKind[];
}

/** The Gateway's own first, then the ListenerSets', the oldest first, then by name. */
export function listenersOf(
  model: Pick<Declared, 'gatewayApi'>,
  gateway: Gateway,
  {
    clashing,
    protocols,
    endedTls,
    needsTls,
    coreGroup,
  }: Pick<Ways, 'clashing' | 'protocols' | 'endedTls' | 'needsTls' | 'coreGroup'>,
): JudgedListener[] {
  const sets = model.gatewayApi.listenerSets
    .filter((set) => isAllowed(model, gateway, set) === true)
    .toSorted(
      (a, b) =>
        (a.createdAt ?? '').localeCompare(b.createdAt ?? '') ||
        `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`),
    );
  const judged: JudgedListener[] = [];
  for (const listener of [...gateway.listeners, ...sets.flatMap(({ listeners }) => listeners)]) {
    const clash = conflictOf(listener, gateway.listeners, { judged, clashing });
    const carried = kindsCarried(listener, endedTls);
    const { kinds, invalid } = kindsOf(listener, carried);
    const conditions = [
      ...(clash === null ? [] : [clash]),
      ...(carried !== null || protocols.includes(listener.protocol)
        ? []
        : [
            condition(listener, 'Accepted', 'UnsupportedProtocol', {
              text: `Protocol ${listener.protocol} is none of the standard's.`,
              field: ['protocol'],
            }),
          ]),
      ...(invalid === null
        ? []
        : [
            condition(listener, 'ResolvedRefs', 'InvalidRouteKinds', {
              text: `A listener of protocol ${listener.protocol} carries no ${invalid}.`,
              field: ['allowedRoutes', 'kinds'],
            }),
          ]),
      ...(listener.protocol !== 'HTTPS' || listener.tls !== null || !needsTls
        ? []
        : [
            condition(listener, 'Programmed', 'Invalid', {
              text: `Listener ${listener.name} has protocol HTTPS, and no tls: without a certificate nothing listens.`,
              field: ['protocol'],
            }),
          ]),
      ...certificateConditions(model, listener, coreGroup),
    ];
    judged.push({
      listener,
      hostname: listener.hostname,
      conditions,
      kinds,
      isAccepted: !conditions.some(({ type }) => type !== 'ResolvedRefs'),
    });
  }
  return judged;
}

/** Whether a ListenerSet is this Gateway's; null where its namespace's labels aren't known. */
export function isAllowed(
  { gatewayApi }: Pick<Declared, 'gatewayApi'>,
  gateway: Gateway,
  set: ListenerSet,
): boolean | null {
  if (set.parent.namespace !== gateway.namespace || set.parent.name !== gateway.name) return false;
  return allowsNamespace(
    gateway.allowedListeners,
    gateway.namespace,
    set.namespace,
    (name) => gatewayApi.namespaceLabels.get(name) ?? null,
  );
}

function condition(
  { owner, at }: Listener,
  type: Condition['type'],
  reason: Condition['reason'],
  { text, field }: { readonly text: string; readonly field: readonly (string | number)[] },
): Condition {
  return { type, reason, text, manifest: owner.manifest, at: [...at, ...field] };
}

/**
 * Listeners of one port must differ in what tells requests apart. Within a Gateway all that clash lose; of a
 * ListenerSet's, the one that comes later.
 */
function conflictOf(
  listener: Listener,
  own: readonly Listener[],
  { judged, clashing }: { readonly judged: readonly JudgedListener[]; readonly clashing: Ways['clashing'] },
): Condition | null {
  const rivals =
    listener.owner.kind === 'Gateway'
      ? (clashing === 'both' ? own : own.slice(0, own.indexOf(listener))).filter((each) => each !== listener)
      : judged.filter(({ isAccepted }) => isAccepted).map((each) => each.listener);
  for (const other of rivals) {
    if (other.port !== listener.port || (other.protocol === 'UDP') !== (listener.protocol === 'UDP')) continue;
    if (layerOf(other) !== layerOf(listener))
      return condition(listener, 'Conflicted', 'ProtocolConflict', {
        text: `Listener ${other.name} has port ${listener.port} for ${other.protocol} already.`,
        field: ['port'],
      });
    if (other.hostname === listener.hostname)
      return condition(listener, 'Conflicted', 'HostnameConflict', {
        text:
          `Listener ${other.name} has port ${listener.port}` +
          `${listener.hostname === null ? '' : ` and hostname ${listener.hostname}`} too.`,
        field: [listener.hostname === null ? 'port' : 'hostname'],
      });
  }
  return null;
}

/** What can share a port: HTTPS and TLS are told apart by their names, the rest are of one kind each. */
function layerOf({ protocol }: Listener): string {
  return protocol === 'TLS' ? 'HTTPS' : protocol;
}

function kindsOf(
  { allowedKinds }: Listener,
  carried: readonly RouteKind[] | null,
): { kinds: readonly RouteKind[]; invalid: string | null } {
  // Of a protocol that isn't the standard's, it isn't known what it carries.
  if (carried === null) return { kinds: [], invalid: null };
  if (allowedKinds === null) return { kinds: carried, invalid: null };
  const kinds = routeKinds.filter(
    (kind) => carried.includes(kind) && allowedKinds.some((each) => each.group === gatewayGroup && each.kind === kind),
  );
  const invalid = allowedKinds.find(
    ({ group, kind }) => group !== gatewayGroup || !carried.some((each) => each === kind),
  );
  return { kinds, invalid: invalid === undefined ? null : invalid.kind };
}

function certificateConditions(
  { gatewayApi }: Pick<Declared, 'gatewayApi'>,
  listener: Listener,
  coreGroup: Ways['coreGroup'],
): Condition[] {
  if (listener.tls === null || listener.tls.mode === 'Passthrough') return [];
  const { owner } = listener;
  return listener.tls.certificates.flatMap((each): Condition[] => {
    const unresolved = (reason: Condition['reason'], text: string): Condition[] => [
      { type: 'ResolvedRefs', reason, text, manifest: owner.manifest, at: each.at },
    ];
    const isCore = each.group === '' || each.group === coreGroup;
    if (!isCore || each.kind !== 'Secret')
      return unresolved(
        'InvalidCertificateRef',
        `A certificate is a Secret of the core group; ${each.kind}` +
          `${each.group === '' ? '' : ` of ${each.group}`} isn't.`,
      );
    if (isGranted(gatewayApi.grants, owner, { ...each, group: '' })) return [];
    return unresolved(
      'RefNotPermitted',
      `Secret ${each.name} is in namespace ${each.namespace}, where no ReferenceGrant lets ${owner.kind}s of ` +
        `namespace ${owner.namespace} use it.`,
    );
  });
}
