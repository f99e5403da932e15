import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answersIn, measuredWith } from './controller.ts';

/**
 * What ingress-nginx 1.14.5 answered: the controller's own store, annotations, template and Lua in a real nginx, asked
 * with Services s0 to s11 behind it. An Ingress's rules are a host and its paths, each with type and backend;
 * annotations lack their prefix; `idle` are Services without pods, `config` the controller's ConfigMap.
 */
interface KeptSet {
  readonly about: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly idle?: readonly string[];
  readonly ingresses: readonly KeptIngress[];
  /** A URL, what came of it, and what else was sent. */
  readonly requests: readonly (readonly [url: string, answer: string, sent?: Sent])[];
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface KeptIngress {
  readonly name: string;
  readonly namespace?: string;
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rules?: readonly KeptRule[];
  readonly defaultBackend?: string;
  readonly tls?: readonly (readonly string[])[];
}

type KeptRule = readonly [host: string | null, ...paths: (readonly [path: string, type: string, backend: string])[]];

const sets = JSON.parse(readFileSync(new URL('kept.json', import.meta.url), 'utf8')) as KeptSet[];

test.each(sets.map((each) => [each.about, each] as const))(
  '%s',
  (_, { config = {}, idle = [], ingresses, requests }) => {
    const model = measuredWith([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: configName, data: config },
      ...idle.map(idleService),
      ...ingresses.map(ingressOf),
    ]);
    for (const [url, answer, sent] of requests) {
      const [, scheme, host = '', path = ''] = /^(https?):\/\/([^/]+)(.*)$/.exec(url) ?? [];
      const request = { scheme: scheme === 'https' ? 'https' : 'http', host, path, ...sent } as const;
      expect(answersIn(model, request), url).toContain(answer);
    }
  },
);

const configName = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };

function idleService(name: string): object {
  const spec = { selector: { app: 'nothing' }, ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
}

function ingressOf({ name, namespace = 'default', created, annotations = {}, ...rest }: KeptIngress): object {
  const { rules, defaultBackend, tls } = rest;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      creationTimestamp: `${created}T00:00:00Z`,
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      ),
    },
    spec: {
      ingressClassName: 'nginx',
      ...(rules === undefined ? {} : { rules: rules.map(ruleOf) }),
      ...(defaultBackend === undefined ? {} : { defaultBackend: backendOf(defaultBackend) }),
      ...(tls === undefined ? {} : { tls: tls.map((hosts) => ({ hosts, secretName: 'none' })) }),
    },
  };
}

function ruleOf([host, ...paths]: KeptRule): object {
  const http = { paths: paths.map(([path, pathType, backend]) => ({ path, pathType, backend: backendOf(backend) })) };
  return { ...(host === null ? {} : { host }), ...(paths.length === 0 ? {} : { http }) };
}

/** `s0:80` */
function backendOf(text: string): object {
  const [name = '', port = ''] = text.split(':');
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}
