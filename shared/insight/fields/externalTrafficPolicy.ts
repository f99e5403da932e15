import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { withService } from '../../cluster/override.ts';
import { isExternallyAccessible, type Service, type TrafficPolicy } from '../../cluster/service.ts';
import { nodesThatDrop } from '../../network/localPolicy.ts';
import { describeWay } from '../../trace/summary.ts';
import type { Path } from '../../trace/trace.ts';
import { familyOf } from '../../cluster/address.ts';
import { internetClient, traceRequest } from '../../trace/traceRequest.ts';
import { type Field, plain } from '../fieldHelp.ts';

/** What this Service does now and under the other value, side by side: both are traced. */
export const externalTrafficPolicy: Field = {
  kind: 'Service',
  path: ['spec', 'externalTrafficPolicy'],
  link: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy',
  help({ service, model }) {
    if (service === null) return '';
    const title = `**externalTrafficPolicy** of Service ${plain(service.name)}`;
    if (!isExternallyAccessible(service)) return `${title}\n\nNothing enters this Service from outside (type ${service.type}), so it has no meaning here, and the API server refuses it.`;
    const columns = (['Cluster', 'Local'] as const).map((policy) => column(model, service, policy));
    const heads = columns.map(({ policy }) => (policy === service.externalTrafficPolicy ? `${policy} (now)` : policy));
    const row = (label: string, value: (each: Column) => string): string => `| ${label} | ${columns.map(value).join(' | ')} |`;
    return [
      title, '',
      `| | ${heads.join(' | ')} |`, '|---|---|---|',
      row('path', ({ way }) => way),
      row('pods see', ({ seen }) => seen),
      row('nodes', ({ nodes }) => nodes),
      row('share of each pod', ({ shares }) => shares),
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
  const changed = withService(model, service, { externalTrafficPolicy: policy });
  const { paths } = traceRequest(changed.model, { from: { kind: 'internet' }, target: { kind: 'service', name: service.name, namespace: service.namespace, port: null }, protocol: 'TCP', method: 'GET', headers: new Map() });
  const delivered = paths.filter(({ verdict }) => verdict.kind === 'delivered');
  const sources = new Set(delivered.map(({ seenBy }) => seenBy.at(-1)?.source ?? ''));
  const dropping = nodesThatDrop(changed.model, changed.service);
  const way = describeWay(paths);
  return {
    policy,
    way: way === null ? 'no way in' : `${way.count}, ${way.source}`,
    seen: sources.size === 0 ? '–' : [...sources].some((each) => each === internetClient[familyOf(each)]) ? `the client, ${[...sources][0] ?? ''}` : `a node: ${[...sources].slice(0, 3).join(', ')}${sources.size > 3 ? ', …' : ''}`,
    nodes: dropping.length === 0 ? `all ${model.nodes.length} forward` : `${dropping.length} of ${model.nodes.length} ${dropping.length === 1 ? 'drops' : 'drop'} (${dropping.slice(0, 3).map(({ name }) => plain(name)).join(', ')}${dropping.length > 3 ? ', …' : ''})`,
    shares: sharesOf(delivered),
  };
}

/** What share of the packets each pod gets, equal ones together: `2 × 1/4, 1/2`. */
function sharesOf(paths: readonly Path[]): string {
  const byPod = new Map<string, Path['probability']>();
  for (const { verdict, probability } of paths) {
    if (verdict.kind !== 'delivered') continue;
    const name = verdict.pod?.name ?? verdict.address;
    byPod.set(name, byPod.get(name)?.add(probability) ?? probability);
  }
  const counts = new Map<string, number>();
  for (const share of byPod.values()) counts.set(share.toFraction(), (counts.get(share.toFraction()) ?? 0) + 1);
  return [...counts].map(([share, count]) => (count === 1 ? share : `${count} × ${share}`)).join(', ') || '–';
}
