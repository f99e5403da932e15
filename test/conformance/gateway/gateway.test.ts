import Fraction from 'fraction.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClusterModel } from '../../../shared/cluster/clusterModel.ts';
import { textAt } from '../../../shared/manifest/value.ts';
import { addressOfGateway } from '../../../shared/network/gateway/assumedGateway.ts';
import { conditionsOf } from '../../../shared/network/gateway/conditions.ts';
import type { Path } from '../../../shared/trace/trace.ts';
import { verdictSentence } from '../../../shared/trace/verdictText.ts';
import { clusterOf } from '../../scene.ts';
import { follow, type Followed } from '../../follow.ts';

/** What the suite asks of one Gateway. Without a host, by the Gateway's address; without a protocol, by HTTP. */
interface Asked {
  readonly gateway: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly scheme?: 'https';
  readonly port?: number;
  readonly method?: string;
  readonly host?: string;
  /** The name in the TLS handshake, where it isn't the host. */
  readonly serverName?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Any of these; `refused` for a connection that nobody takes, or packets. */
  readonly status: readonly (number | 'refused')[];
  readonly backend?: string;
  readonly namespace?: string;
  readonly shares?: Readonly<Record<string, string>>;
  readonly redirect?: {
    readonly scheme?: string;
    readonly host?: string;
    readonly port?: string;
    readonly path?: string;
  };
  readonly received?: {
    readonly path?: string;
    readonly host?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly absent?: readonly string[];
  };
  /** Asked after the ReferenceGrants are gone. */
  readonly withoutGrants?: true;
  /** Services, and what percentage of requests is copied to each; null for all. */
  readonly mirrors?: readonly (readonly [service: string, percent: number | null])[];
}

interface ConformanceTest {
  readonly file: string;
  readonly test: string;
  readonly objects: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[];
  /** What must be false in the status of which object: `KIND NAME [LISTENER] TYPE REASON`. */
  readonly conditions: readonly string[];
  /** What is false too, and the suite doesn't look at. */
  readonly notAsked?: readonly string[];
  readonly requests: readonly Asked[];
}

const suite: {
  repository: string;
  version: string;
  base: ConformanceTest['objects'];
  leftOut: Record<string, string>;
  tests: readonly ConformanceTest[];
} = JSON.parse(
  readFileSync(join(import.meta.dirname, 'gateway.json'), 'utf8').replaceAll('{GATEWAY_CLASS_NAME}', 'conformant'),
);

const all = suite.tests.flatMap(({ requests }) => requests);
const agreeing = new Set<Asked>();

test.each(suite.tests.filter(({ requests }) => requests.length > 0))(
  '$test: which backend, which status',
  ({ objects, requests }) => {
    const failures = requests.flatMap((asked) => {
      const isOther = ({ kind, metadata }: ConformanceTest['objects'][number]): boolean =>
        (kind === 'Gateway' && metadata.name !== asked.gateway) ||
        (kind === 'ReferenceGrant' && asked.withoutGrants === true);
      const model = clusterOf([profile, ...[...suite.base, ...objects].filter((each) => !isOther(each))]);
      const wrong = difference(asked, answer(model, asked));
      if (wrong === null) agreeing.add(asked);
      return wrong === null ? [] : [{ asked, wrong }];
    });
    expect(failures).toEqual([]);
  },
);

test.each(suite.tests)('$test: what is false in which status', ({ objects, conditions, notAsked = [] }) => {
  const model = clusterOf([profile, ...suite.base, ...objects]);
  const got = conditionsOf(model).map(({ manifest: { kind, name, value }, at, type, reason }) =>
    [kind, name, ...(at[1] === 'listeners' ? [textAt(value, ...at.slice(0, 3), 'name')] : []), type, reason].join(' '),
  );
  expect([...new Set(got)].toSorted()).toEqual([...conditions, ...notAsked].toSorted());
});

test(`all ${all.length} requests of ${suite.repository} ${suite.version} agree`, () => {
  expect(all).toHaveLength(399);
  expect(agreeing.size).toBe(all.length);
});

const profile = {
  apiVersion: 'hoplens.dev/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { name: 'conformance' },
  spec: { ingressControllers: [{ class: 'conformant', implementation: 'standard' }] },
};

function answer(model: ClusterModel, asked: Asked): Followed {
  const gateway = model.gatewayApi.gateways.find(({ name }) => name === asked.gateway);
  if (gateway === undefined) throw new Error(`no Gateway ${asked.gateway}`);
  const address = addressOfGateway(model.declared, gateway);
  const [path = '/', query = ''] = (asked.path ?? '/').split('?');
  const target =
    asked.protocol === undefined
      ? ({
          kind: 'url',
          scheme: asked.scheme ?? 'http',
          host: asked.serverName ?? asked.host ?? address,
          port: asked.port ?? 80,
          path,
          query: new Map(new URLSearchParams(query)),
          search: query === '' ? '' : `?${query}`,
        } as const)
      : ({ kind: 'socket', host: address, port: asked.port ?? 0 } as const);
  const headers = new Map(Object.entries(asked.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  if (asked.host !== undefined) headers.set('host', asked.host);
  return follow(model, {
    from: { kind: 'internet' },
    target,
    protocol: asked.protocol === 'udp' ? 'UDP' : 'TCP',
    method: asked.method ?? 'GET',
    headers,
  });
}

/** What came out otherwise than it should; null where all is as the suite wants it. */
function difference(asked: Asked, { paths }: Followed): object | null {
  const ends = [...new Set(paths.map(endOf))];
  const isStatus = paths.every(({ verdict }) =>
    asked.status.some((each) =>
      each === 'refused'
        ? verdict.kind === 'refused' || (verdict.kind === 'dropped' && verdict.reason === 'no-backend')
        : each === 200
          ? verdict.kind === 'delivered'
          : verdict.kind === 'answered' && verdict.status === each,
    ),
  );
  if (!isStatus) return { ends };
  const [first] = paths;
  if (first === undefined) return { ends };
  const services = new Set(
    paths.flatMap(({ verdict }) => (verdict.kind === 'delivered' ? `${verdict.namespace}/${verdict.service}` : [])),
  );
  if (
    asked.backend !== undefined &&
    ![...services].every((each) => each === `${asked.namespace ?? 'gateway-conformance-infra'}/${asked.backend}`)
  )
    return { ends };
  if (asked.shares !== undefined) {
    const shares: Record<string, string> = {};
    for (const { verdict, probability } of paths)
      if (verdict.kind === 'delivered')
        shares[verdict.service ?? ''] = new Fraction(shares[verdict.service ?? ''] ?? 0).add(probability).toFraction();
    if (JSON.stringify(shares) !== JSON.stringify(asked.shares)) return { shares };
  }
  return redirected(asked, first) ?? receivedOtherwise(asked, first) ?? mirroredOtherwise(asked, first);
}

function endOf({ verdict }: Path): string {
  return verdict.kind === 'delivered'
    ? `200 ${verdict.service}`
    : verdict.kind === 'answered'
      ? `${verdict.status} ${verdictSentence(verdict)}`
      : `${verdict.kind} ${verdictSentence(verdict)}`;
}

function redirected({ redirect, host, scheme, path }: Asked, { verdict }: Path): object | null {
  if (redirect === undefined) return null;
  if (verdict.kind !== 'answered' || verdict.reason !== 'redirect' || verdict.by !== 'gateway')
    return { verdict: verdict.kind };
  const url = new URL(verdict.location);
  const wanted = {
    scheme: redirect.scheme ?? scheme ?? 'http',
    port: redirect.port ?? '',
    path: redirect.path ?? path?.split('?')[0] ?? '/',
    host: redirect.host ?? host ?? url.hostname,
  };
  const got = {
    scheme: url.protocol.replace(':', ''),
    port: verdict.location.match(/^\w+:\/\/[^/]+:(\d+)/)?.[1] ?? '',
    path: url.pathname,
    host: url.hostname,
  };
  return JSON.stringify(wanted) === JSON.stringify(got) ? null : { wanted, got };
}

function receivedOtherwise({ received: wanted }: Asked, { received }: Path): object | null {
  if (wanted === undefined) return null;
  if (received === null) return { received };
  const query = [...received.query].map(([name, value]) => `${name}=${value}`).join('&');
  const path = `${received.path}${query === '' ? '' : `?${query}`}`;
  const isPath = wanted.path === undefined || wanted.path === path;
  const isHost = wanted.host === undefined || wanted.host === received.host;
  const missing = Object.entries(wanted.headers ?? {}).filter(
    ([name, value]) => received.headers.get(name.toLowerCase()) !== value,
  );
  const present = (wanted.absent ?? []).filter((name) => received.headers.has(name.toLowerCase()));
  return isPath && isHost && missing.length === 0 && present.length === 0
    ? null
    : { path, host: received.host, missing, present };
}

function mirroredOtherwise({ mirrors }: Asked, path: Path): object | null {
  if (mirrors === undefined) return null;
  const wanted = mirrors.map(([service, percent]) => `${service} ${new Fraction(percent ?? 100, 100).toFraction()}`);
  const got = path.mirrors.map(({ service, share }) => `${service} ${share.toFraction()}`);
  return JSON.stringify(wanted) === JSON.stringify(got) ? null : { wanted, got };
}
