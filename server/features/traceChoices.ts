import { podAt } from '../../shared/cluster/lookups.ts';
import { proxyModes } from '../../shared/cluster/profile.ts';
import { isExternallyAccessible, type Service } from '../../shared/cluster/service.ts';
import type { TraceChoices, TraceParams, WhatIfItem } from '../../shared/insight/protocol.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { rewritesOf } from '../../shared/trace/flight.ts';
import { podName } from '../../shared/trace/trace.ts';
import type { Settings } from '../settings.ts';
import { buildItems } from './judgedSet.ts';
import { type Followed, followed, originsIn, sceneFor } from './trace.ts';

/** Who else could ask, and what might be otherwise: of the nodes, pods and Services that a trace meets. */
export function traceChoices(
  workspace: Workspace,
  params: TraceParams,
  settings: Pick<Settings, 'defaultFrom'>,
): TraceChoices {
  const scene = sceneFor(workspace, params);
  if (scene === null) return { origins: [], whatIfs: [], builds: [], profiles: [] };
  const found = followed(workspace, params, { withRules: false });
  const { model } = scene;
  const { mode } = model.profile.kubeProxy;
  return {
    origins: originsIn(model, settings),
    whatIfs: [
      ...(found.kind === 'followed' ? whatIfsOf(found) : []),
      ...proxyModes
        .filter((each) => each !== mode)
        .map((each): WhatIfItem => ({
          text: `kube-proxy=${each}`,
          label: `kube-proxy in ${each} mode`,
          description: `${mode} now`,
          about: 'proxy',
        })),
    ],
    builds: buildItems(workspace.builtOf(params.uri)),
    profiles: workspace.profiles().map(({ uri, name }) => ({ uri, name })),
  };
}

/** As many nodes, pods and Services as are offered of each; others can be typed. */
const mostOffered = 100;

function whatIfsOf({ model, trace: { graph } }: Followed): WhatIfItem[] {
  const parties = graph.nodes.map(({ arrival }) => arrival.at);
  const pods = new Map(
    parties
      .flatMap(({ kind, address }) => (kind === 'pod' ? (podAt(model, address) ?? []) : []))
      .map((pod) => [podName(pod), pod]),
  );
  const nodes = new Set([
    ...parties.flatMap((each) => (each.kind === 'node' ? [each.name] : [])),
    ...[...pods.values()].map(({ node }) => node),
  ]);
  const met = new Set(
    graph.moves.flatMap(({ move }) =>
      [...move.because, ...rewritesOf(move).flatMap(({ because }) => because)].flatMap((each) =>
        each.kind === 'field' && each.field !== null ? [each.field.object] : [],
      ),
    ),
  );
  const services = model.services.filter(({ manifest }) => met.has(manifest.key));
  return [
    ...[...nodes].toSorted(byName.compare).slice(0, mostOffered).flatMap(nodeItems),
    ...services.slice(0, mostOffered).flatMap(policyItems),
    ...[...pods.keys()].toSorted(byName.compare).slice(0, mostOffered).flatMap(podItems),
  ];
}

const byName = new Intl.Collator('en', { numeric: true });

function nodeItems(name: string): WhatIfItem[] {
  const item = (state: string, label: string, description: string): WhatIfItem => ({
    text: `node/${name}=${state}`,
    label: `${name} ${label}`,
    description,
    about: 'node',
  });
  return [
    item('down', 'is down', 'nobody reaches it, and load balancers have noticed'),
    item('drained', 'is drained', 'its pods are gone'),
    item('just-drained', 'was just drained', 'its pods are gone, and no load balancer has noticed yet'),
  ];
}

function podItems(name: string): WhatIfItem[] {
  const item = (state: string, label: string, description: string): WhatIfItem => ({
    text: `pod/${name}=${state}`,
    label: `${name} ${label}`,
    description,
    about: 'pod',
  });
  return [
    item('not-ready', 'is not ready', 'it gets no new connections'),
    item('terminating', 'is terminating', 'it gets new connections only where no other is ready'),
    item('gone', 'is gone', ''),
  ];
}

function policyItems(service: Service): WhatIfItem[] {
  const fields = [
    ...(isExternallyAccessible(service) ? (['externalTrafficPolicy'] as const) : []),
    ...(service.type === 'ExternalName' ? [] : (['internalTrafficPolicy'] as const)),
  ];
  const name = podName(service);
  return fields.map((field) => {
    const other = service[field] === 'Local' ? 'Cluster' : 'Local';
    return {
      text: `svc/${name}.${field}=${other}`,
      label: `${field}: ${other}`,
      description: `of Service ${name}, ${service[field]} now`,
      about: 'service',
    };
  });
}
