import type Fraction from 'fraction.js';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { serviceNamed } from '../../cluster/lookups.ts';
import { isExternallyAccessible, type Service, type TrafficPolicy } from '../../cluster/service.ts';
import { nodesThatDrop } from '../../network/localPolicy.ts';
import { likelyEndsOf } from '../../trace/ends.ts';
import { inUsualMode } from '../../trace/otherMode.ts';
import { describeWay } from '../../trace/summary.ts';
import type { Request } from '../../trace/trace.ts';
import { familyOf } from '../../cluster/address.ts';
import { internetClient } from '../../cluster/standIns.ts';
import { withWhatIf } from '../../cluster/whatIf.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import { type TrafficField, plain } from './trafficField.ts';

/** What this Service does now and under the other value, side by side: both are traced. */
export const externalTrafficPolicy: TrafficField = {
  kind: 'Service',
  path: ['spec', 'externalTrafficPolicy'],
  link: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy',
  help({ service, model }) {
    if (service === null) return '';
    const title = `**externalTrafficPolicy** of Service ${plain(service.name)}`;
    if (!isExternallyAccessible(service))
      return (
        `${title}\n\n` +
        `Nothing enters this Service from outside (type ${service.type}), so it has ` +
        'no meaning here, and the API server refuses it.'
      );
    const columns = (['Cluster', 'Local'] as const).map((policy) => column(model, service, policy));
    const heads = columns.map(({ policy }) => (policy === service.externalTrafficPolicy ? `${policy} (now)` : policy));
    const row = (label: string, value: (each: Column) => string): string =>
      `| ${label} | ${columns.map(value).join(' | ')} |`;
    return [
      title,
      '',
      `| | ${heads.join(' | ')} |`,
      '|---|---|---|',
      row('path', ({ way }) => way),
      row('pods see', ({ seen }) => seen),
      row('nodes', ({ nodes }) => nodes),
      row('share of each pod', ({ shares }) => shares),
      ...modeNote(model, service),
    ].join('\n');
  },
};

interface Column {
  readonly policy: TrafficPolicy;
  readonly way: string;
  readonly seen: string;
  readonly nodes: string;
  readonly shares: string;
}

function column(model: ClusterModel, service: Service, policy: TrafficPolicy): Column {
  const { name, namespace } = service;
  const isNow = policy === service.externalTrafficPolicy;
  const whatIf = { kind: 'policy', service: name, namespace, field: 'externalTrafficPolicy', policy } as const;
  const assumed = isNow ? model : withWhatIf(model, whatIf);
  const { graph } = traceRequest(assumed, askedFromOutside(service));
  const delivered = likelyEndsOf(graph).filter(({ verdict }) => verdict.kind === 'delivered');
  const sources = new Set(delivered.map(({ node }) => node.arrival.packet.source));
  const dropping = nodesThatDrop(assumed, serviceNamed(assumed, namespace, name) ?? service);
  const way = describeWay([{ graph }]);
  return {
    policy,
    way: way === null ? 'no way in' : `${way.count}, ${way.source}`,
    seen: seenSources([...sources]),
    nodes:
      dropping.length === 0
        ? `all ${model.nodes.length} forward`
        : `${dropping.length} of ${model.nodes.length} ${dropping.length === 1 ? 'drops' : 'drop'} (${dropping
            .slice(0, 3)
            .map(({ name }) => plain(name))
            .join(', ')}${dropping.length > 3 ? ', …' : ''})`,
    shares: sharesOf(delivered),
  };
}

function askedFromOutside({ name, namespace }: Service): Request {
  return {
    from: { kind: 'internet' },
    target: { kind: 'service', name, namespace, port: null },
    protocol: 'TCP',
    method: 'GET',
    headers: new Map(),
  };
}

/** Where the profile's proxy mode makes a difference, what the usual one would do. */
function modeNote(model: ClusterModel, service: Service): string[] {
  const request = askedFromOutside(service);
  const usual = inUsualMode(model, request, traceRequest(model, request));
  return usual === null
    ? []
    : [
        '',
        `kube-proxy mode ${model.profile.kubeProxy.mode} changes the answer: in ` +
          `${usual.mode} mode it would be ${plain(usual.text)}.`,
      ];
}

function seenSources(sources: readonly string[]): string {
  const client = sources.filter((each) => each === internetClient[familyOf(each)]);
  const nodes = sources.filter((each) => !client.includes(each));
  const parts = [
    ...client.map((each) => `the client, ${each}`),
    ...(nodes.length === 0 ? [] : [`a node: ${nodes.slice(0, 3).join(', ')}${nodes.length > 3 ? ', …' : ''}`]),
  ];
  return parts.join('; or ') || '–';
}

/** What share of the packets each pod gets, equal ones together: `2 × 1/4, 1/2`. */
function sharesOf(ends: ReturnType<typeof likelyEndsOf>): string {
  const byPod = new Map<string, Fraction>();
  for (const { verdict, probability } of ends) {
    if (verdict.kind !== 'delivered') continue;
    const name = verdict.pod?.name ?? verdict.address;
    byPod.set(name, byPod.get(name)?.add(probability) ?? probability);
  }
  const counts = new Map<string, number>();
  for (const share of byPod.values()) counts.set(share.toFraction(), (counts.get(share.toFraction()) ?? 0) + 1);
  return [...counts].map(([share, count]) => (count === 1 ? share : `${count} × ${share}`)).join(', ') || '–';
}
