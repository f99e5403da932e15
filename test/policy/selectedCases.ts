import { readFileSync } from 'node:fs';
import type { Probe } from './probes.ts';

/**
 * A case of others' tests, small: who is there, a line each, the policies, and a probe or two.
 * `pod NAME.NAMESPACE ADDRESS on=NODE LABEL=VALUE :PORTNAME:PORT/PROTOCOL`, with `@` before a port of a sidecar and `!`
 * before one of an init container; `host-pod` for one on its node's network; `node NAME ADDRESS LABEL=VALUE`;
 * `namespace NAME LABEL=VALUE`.
 */
interface SelectedCase {
  readonly name: string;
  readonly who: readonly string[];
  readonly policies: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
  readonly probes: readonly Probe[];
}

/** A cluster as YAML, and what is to be found in it. */
export interface PolicyCase {
  readonly name: string;
  readonly manifests: string;
  readonly probes: readonly Probe[];
  /** Whose reading it takes. */
  readonly cni?: string;
}

/**
 * 155 probes of 134 cases: of Kubernetes' e2e tests (k8s.io/kubernetes v1.36.0), of cyclonus, policy-assistant and the
 * conformance tests of kubernetes-sigs/network-policy-api (Apache-2.0), and corner cases of our own.
 */
export function selectedCases(): PolicyCase[] {
  const cases = JSON.parse(readFileSync(new URL('selected.json', import.meta.url), 'utf8')) as SelectedCase[];
  return cases.map(({ name, who, policies, probes }) => {
    const objects = [...who.map(objectOf), ...policies.map(policyOf)];
    return { name, manifests: objects.map((each) => JSON.stringify(each)).join('\n---\n'), probes };
  });
}

function policyOf({ kind, name, namespace, ...rest }: SelectedCase['policies'][number]): object {
  const cluster = kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1';
  const apiVersion = kind === 'NetworkPolicy' ? 'networking.k8s.io/v1' : `policy.networking.k8s.io/${cluster}`;
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}

function objectOf(line: string): object {
  const [kind, full = '', ...words] = line.split(' ');
  const pairs = words.filter((each) => each.includes('=')).map((each) => each.split('=') as [string, string]);
  const labels = Object.fromEntries(pairs.filter(([key]) => key !== 'on'));
  const address = words.find((each) => /^\d+\.|^[0-9a-f]*:[0-9a-f:]+$/.test(each));
  if (kind === 'namespace') return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: full, labels } };
  if (kind === 'node') {
    const addresses = [{ type: 'InternalIP', address }];
    return { apiVersion: 'v1', kind: 'Node', metadata: { name: full, labels }, status: { addresses } };
  }
  const [name, namespace] = full.split('.');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      nodeName: pairs.find(([key]) => key === 'on')?.[1],
      hostNetwork: kind === 'host-pod',
      containers: [{ name: 'c', ports: portsOf(words, '') }],
      initContainers: [
        { name: 'sidecar', restartPolicy: 'Always', ports: portsOf(words, '@') },
        { name: 'init', ports: portsOf(words, '!') },
      ],
    },
    status: { podIP: address },
  };
}

function portsOf(words: readonly string[], mark: string): object[] {
  return words.flatMap((word) => {
    const [, before, name, port, protocol] = /^([@!]?):([^:]*):(\d+)\/(\w+)$/.exec(word) ?? [];
    return before === mark ? [{ name, containerPort: Number(port), protocol }] : [];
  });
}
