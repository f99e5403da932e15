import { expect } from 'vitest';
import type { IngressDialect } from '../../shared/network/ingress/ingressDialect.ts';
import { surroundingsOf } from '../../shared/network/ingress/surroundings.ts';
import { unknownSettings } from '../../shared/network/ingress/controllerSettings.ts';
import { decidedBy } from '../decided.ts';
import { clusterOf } from '../scene.ts';

/** Of a controller's own tests: what was put in, and what its configuration says to requests. */
export interface Golden {
  readonly repository: string;
  readonly version: string;
  readonly commit: string;
  /** What stands in front of annotations that are written without a slash. */
  readonly prefix: string;
  readonly leftOut: readonly { readonly what: string; readonly reason: string }[];
  /** Ingresses that several cases share, by a name. */
  readonly sets?: Readonly<Record<string, readonly GoldenIngress[]>>;
  readonly cases: readonly GoldenCase[];
}

export interface GoldenCase {
  readonly name: string;
  readonly file: string;
  readonly test: string;
  readonly ingresses: string | readonly GoldenIngress[];
  /** What the controller is started with. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** The objects beside the Ingresses that matter. */
  readonly objects?: readonly object[];
  /** What `METHOD url` becomes: `service:port`, a status, `close` or `unknown`. */
  readonly requests: readonly (readonly [
    request: string,
    expected: string,
    headers?: Readonly<Record<string, string>>,
    client?: string,
  ])[];
}

export interface GoldenIngress {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Seconds after some moment. */
  readonly created?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rules?: readonly GoldenRule[];
  readonly defaultBackend?: string;
  readonly tls?: readonly (readonly string[])[];
}

type GoldenRule = readonly [
  host: string,
  ...paths: readonly (readonly [path: string, type: 'Exact' | 'Prefix' | 'ImplementationSpecific', backend: string])[],
];

/** Whether our table for these Ingresses decides each request as the controller's own configuration does. */
export function checkGolden(
  dialect: IngressDialect,
  { prefix, sets = {} }: Pick<Golden, 'prefix' | 'sets'>,
  { ingresses, arguments: given = {}, objects = [], requests }: Omit<GoldenCase, 'name' | 'file' | 'test'>,
): void {
  const written = typeof ingresses === 'string' ? sets[ingresses] : ingresses;
  if (written === undefined) throw new Error(`no set ${JSON.stringify(ingresses)}`);
  const model = clusterOf([...written.map((each) => ingressOf(prefix, each)), ...objects]);
  const table = dialect.compile(model.ingresses, {
    ...surroundingsOf(model, { ...unknownSettings, argument: (name) => given[name] ?? null }),
    secret: () => ({ has: () => true }),
  });
  const got = requests.map(([request, , headers = {}, client]) => {
    const { method, path, ...where } = writtenRequest(request);
    const [pathOnly = '', search = ''] = path.split('?');
    return decidedBy(table, { ...where, path: pathOnly, method, headers, search, client }, (_, { to }) =>
      to.map(({ service, port }) => `${service}:${port}`).join('+'),
    );
  });
  expect(requests.map(([request], index) => `${request} ${got[index]}`)).toEqual(
    requests.map(([request, expected]) => `${request} ${expected}`),
  );
}

/** `METHOD url`, or a URL alone, which is a GET; the path with its query. */
export function writtenRequest(text: string): {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly path: string;
} {
  const [, method = 'GET', scheme, host = '', path = ''] = /^(?:([A-Z]+) )?(https?):\/\/([^/]*)(.*)$/.exec(text) ?? [];
  if (scheme !== 'http' && scheme !== 'https') throw new Error(`no request: ${text}`);
  return { method, scheme, host, path };
}

export function ingressOf(prefix: string, each: GoldenIngress): object {
  const { name = 'web', namespace = 'default', uid, created = 0, annotations = {}, rules, defaultBackend, tls } = each;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      ...(uid === undefined ? {} : { uid }),
      creationTimestamp: new Date(Date.UTC(2026, 0, 1) + created * 1000).toISOString(),
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [key.includes('/') ? key : `${prefix}${key}`, value]),
      ),
    },
    spec: {
      ...(rules === undefined ? {} : { rules: rules.map(ruleOf) }),
      ...(defaultBackend === undefined ? {} : { defaultBackend: backendOf(defaultBackend) }),
      ...(tls === undefined ? {} : { tls: tls.map((hosts) => ({ hosts, secretName: 'certificate' })) }),
    },
  };
}

function ruleOf([host, ...paths]: GoldenRule): object {
  const http = { paths: paths.map(([path, pathType, backend]) => ({ path, pathType, backend: backendOf(backend) })) };
  return { ...(host === '' ? {} : { host }), ...(paths.length === 0 ? {} : { http }) };
}

/** `web:80`, `web:http` */
function backendOf(text: string): object {
  const [name = '', port = ''] = text.split(':');
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}
