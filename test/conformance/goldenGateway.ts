import Fraction from 'fraction.js';
import { expect } from 'vitest';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { addressOfGateway } from '../../shared/network/gateway/assumedGateway.ts';
import type { Path } from '../../shared/trace/trace.ts';
import { follow } from '../follow.ts';
import { clusterOf } from '../scene.ts';
import { writtenRequest } from './golden.ts';

/** Of a Gateway implementation's own tests: what was put in, and what its configuration says to requests. */
export interface GoldenGateway {
  readonly repository: string;
  readonly version: string;
  readonly commit: string;
  readonly requests: string;
  readonly leftOut: readonly { readonly what: string; readonly reason: string }[];
  readonly cases: readonly GoldenGatewayCase[];
}

export interface GoldenGatewayCase {
  readonly name: string;
  readonly file: string;
  readonly test: string;
  /** `NAME PROTOCOL PORT HOSTNAME`, the hostname where there is one; `http HTTP 80` alone where none is written. */
  readonly listeners?: readonly string[];
  readonly routes: readonly GoldenRoute[];
  /** Services that aren't there. */
  readonly missing?: readonly string[];
  /** Services without a pod. */
  readonly empty?: readonly string[];
  readonly requests: readonly (readonly [request: string, expected: string, beside?: Beside])[];
}

interface GoldenRoute {
  readonly name?: string;
  readonly namespace?: string;
  readonly kind?: 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute';
  /** Seconds after some moment. */
  readonly created?: number;
  readonly listeners?: readonly string[];
  readonly hostnames?: readonly string[];
  readonly rules: readonly GoldenRule[];
}

interface GoldenRule {
  /** `/prefix`, `= /exact`, `~ /expression`, or an object as the API has it. */
  readonly matches?: readonly (string | object)[];
  readonly filters?: readonly object[];
  /** `SERVICE:PORT WEIGHT`, the weight where there is one; or an object as the API has it. */
  readonly to?: readonly (string | object)[];
}

interface Beside {
  readonly headers?: Readonly<Record<string, string>>;
  /** The name in the TLS handshake, where it isn't the host; empty for none. */
  readonly serverName?: string;
  /** Headers that the backend gets. */
  readonly received?: Readonly<Record<string, string>>;
}

/** Whether a trace of each request ends as the implementation's own configuration says. */
export function checkGoldenGateway(gatewayClass: string, each: GoldenGatewayCase): void {
  const model = clusterOf(objectsOf(gatewayClass, each));
  const got = each.requests.map(([request, , beside]) => `${request} ${answered(model, request, beside ?? {})}`);
  expect(got).toEqual(each.requests.map(([request, expected]) => `${request} ${expected}`));
}

function answered(model: ClusterModel, request: string, { headers = {}, serverName, received }: Beside): string {
  const [gateway] = model.gatewayApi.gateways;
  if (gateway === undefined) throw new Error('no Gateway');
  const { method, scheme, host: authority, path: asked } = writtenRequest(request);
  const [host = '', port = scheme === 'https' ? '443' : '80'] = authority.split(':');
  const [path = '/', query = ''] = asked.split('?');
  const search = query === '' ? '' : `?${query}`;
  const { paths } = follow(model, {
    from: { kind: 'internet' },
    target: {
      kind: 'url',
      scheme,
      host: scheme === 'https' ? (serverName ?? host) : addressOfGateway(model.declared, gateway),
      port: Number(port),
      path,
      query: new Map([...new URLSearchParams(query)].toReversed()),
      search,
    },
    protocol: 'TCP',
    method,
    headers: new Map([
      ...Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const),
      ['host', authority],
    ]),
  });
  const ends = new Map<string, Fraction>();
  for (const each of paths) {
    const end = endOf(each, { authority, target: path + search, received: received ?? {} });
    ends.set(end, (ends.get(end) ?? new Fraction(0)).add(each.probability));
  }
  return ends.size === 1
    ? [...ends.keys()].join('')
    : [...ends].map(([end, share]) => `${end} ${percentText(share)}`).join(', ');
}

interface AskedFor {
  readonly authority: string;
  readonly target: string;
  readonly received: Readonly<Record<string, string>>;
}

/** Who gets a request, and what is otherwise than it was asked: path, host, headers; who gets a copy. */
function endOf({ verdict, received, mirrors }: Path, asked: AskedFor): string {
  switch (verdict.kind) {
    case 'answered':
      return verdict.reason === 'redirect' ? `${verdict.status} ${verdict.location}` : String(verdict.status);
    case 'delivered': {
      if (received === null) return String(verdict.service);
      const target = received.path + received.search;
      const headers = Object.entries(asked.received).map(([name]) => `${name}: ${received.headers.get(name)}`);
      const wanted = Object.entries(asked.received).map(([name, value]) => `${name}: ${value}`);
      return [
        String(verdict.service),
        ...(target === asked.target ? [] : [target]),
        ...(received.host === asked.authority ? [] : [`at ${received.host}`]),
        ...(headers.join() === wanted.join() ? [] : headers),
        ...mirrors.map(({ service, share }) => `copied to ${service} ${percentText(share)}`),
      ].join(' ');
    }
    default:
      return verdict.kind;
  }
}

function percentText(share: Fraction): string {
  return `${share.mul(100).valueOf()}%`;
}

const namespace = 'test';

function objectsOf(gatewayClass: string, each: GoldenGatewayCase): object[] {
  const { listeners = ['http HTTP 80'], routes, missing = [], empty = [] } = each;
  const gateway = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'gateway', namespace },
    spec: { gatewayClassName: gatewayClass, listeners: listeners.map(listenerOf) },
  };
  const made = routes.map(routeOf);
  const services = [...JSON.stringify(made).matchAll(/"name":"([^"]+)","port":(\d+)/g)].map(
    ([, name = '', port = '']) => ({ name, port: Number(port) }),
  );
  const byName = Map.groupBy(services, ({ name }) => name);
  return [
    gateway,
    ...made,
    ...[...byName]
      .filter(([name]) => !missing.includes(name))
      .flatMap(([name, ports]) => [
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name, namespace },
          spec: {
            selector: { app: name },
            ports: [...new Set(ports.map(({ port }) => port))].map((port) => ({ name: `p${port}`, port })),
          },
        },
        ...(empty.includes(name)
          ? []
          : [
              {
                apiVersion: 'v1',
                kind: 'Pod',
                metadata: { name, namespace, labels: { app: name } },
                spec: { containers: [{ name: 'web' }] },
              },
            ]),
      ]),
  ];
}

function listenerOf(text: string): object {
  const [name = '', protocol = '', port = '', hostname] = text.split(' ');
  const certificates = { certificateRefs: [{ name: 'certificate' }] };
  return {
    name,
    protocol,
    port: Number(port),
    hostname,
    allowedRoutes: { namespaces: { from: 'All' } },
    tls: protocol === 'HTTPS' ? certificates : protocol === 'TLS' ? { mode: 'Passthrough' } : undefined,
  };
}

function routeOf({ kind = 'HTTPRoute', ...route }: GoldenRoute, index: number): object {
  const { name = `route-${index}`, namespace: own = namespace, created = 0, listeners = [null], hostnames } = route;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: {
      name,
      namespace: own,
      creationTimestamp: new Date(Date.UTC(2026, 0, 1) + created * 1000).toISOString(),
    },
    spec: {
      parentRefs: listeners.map((each) => ({ name: 'gateway', namespace, sectionName: each ?? undefined })),
      hostnames,
      rules: route.rules.map(({ matches, filters, to }) => ({
        matches: matches?.map(matchOf),
        filters,
        backendRefs: to?.map((each) => backendOf(each, own)),
      })),
    },
  };
}

const pathTypes: Readonly<Record<string, string>> = { '= ': 'Exact', '~ ': 'RegularExpression', '': 'PathPrefix' };

function matchOf(match: string | object): object {
  if (typeof match !== 'string') return match;
  const [, sign = '', value = ''] = /^([=~] )?(.*)$/.exec(match) ?? [];
  return { path: { type: pathTypes[sign], value } };
}

function backendOf(backend: string | object, own: string): object {
  if (typeof backend !== 'string') return backend;
  const [, name, port, weight] = /^([^:]+):(\d+)(?: (\d+))?$/.exec(backend) ?? [];
  return {
    name,
    port: Number(port),
    namespace: own === namespace ? undefined : namespace,
    weight: weight === undefined ? undefined : Number(weight),
  };
}
