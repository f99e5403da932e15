import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type GoldenIngress, ingressOf, writtenRequest } from '../golden.ts';
import { answersIn, couldBe, measuredWith } from './controller.ts';

/**
 * What ingress-nginx 1.14.5 answered: the controller's own store, annotations, template and Lua in a real nginx, asked
 * with Services s0 to s11 behind it. An Ingress's rules are a host and its paths, each with type and backend;
 * annotations lack their prefix; `idle` are Services without pods, `config` the controller's ConfigMap.
 */
interface KeptSet {
  readonly about: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly idle?: readonly string[];
  readonly ingresses: readonly GoldenIngress[];
  /** A URL, what came of it, and what else was sent. */
  readonly requests: readonly (readonly [url: string, answer: string, sent?: Sent])[];
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const sets = JSON.parse(readFileSync(new URL('kept.json', import.meta.url), 'utf8')) as KeptSet[];

test.each(sets.map((each) => [each.about, each] as const))(
  '%s',
  (_, { config = {}, idle = [], ingresses, requests }) => {
    const model = measuredWith([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: configName, data: config },
      ...idle.map(idleService),
      ...ingresses.map((each) => ingressOf('nginx.ingress.kubernetes.io/', each)),
    ]);
    const traced = requests.map(([url, , sent]) => answersIn(model, { ...writtenRequest(url), ...sent }));
    expect(requests.map(([url], index) => ({ url, answers: traced[index] }))).toEqual(
      requests.map(([url, answer], index) => ({ url, answers: couldBe(model, answer, traced[index]) })),
    );
  },
);

const configName = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };

function idleService(name: string): object {
  const spec = { selector: { app: 'nothing' }, ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
}
