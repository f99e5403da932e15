import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { assumedProfile, isProfile, readProfile } from '../shared/cluster/profile.ts';
import type { Found } from '../shared/insight/rule.ts';
import { foundAbout } from '../shared/insight/rules/all.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import type { Manifest } from '../shared/manifest/manifest.ts';
import { parseFile } from '../shared/manifest/parseFile.ts';
import type { Position } from '../shared/manifest/position.ts';
import { clusterModelOf } from '../shared/network/assumed.ts';
import { readOrigin, readTarget } from '../shared/trace/readRequest.ts';
import type { Verdict } from '../shared/trace/verdict.ts';
import { traceText } from '../shared/trace/traceText.ts';
import { follow, type Followed } from './follow.ts';

/** A cluster from YAML text, as the tests draw it. */
export function cluster(yaml: string): ClusterModel {
  return modelOf(parseFile('test.yaml', yaml).manifests);
}

/** A cluster from objects, as data files hold them; a ClusterProfile may be among them. */
export function clusterOf(objects: readonly object[]): ClusterModel {
  return modelOf(parseFile('test.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })).manifests);
}

function modelOf(manifests: readonly Manifest[]): ClusterModel {
  const profile = manifests.find(isProfile);
  return clusterModelOf(manifests, profile === undefined ? assumedProfile : readProfile(profile).profile);
}

/** A controller's pod, and the load balancer before it at 203.0.113.1; `container` says more of the pod's container. */
export function controllerBehindBalancer(
  namespace: string,
  name: string,
  { policy, container = {} }: { readonly policy?: 'Local'; readonly container?: object } = {},
): object[] {
  const labels = { app: name };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: policy,
        selector: labels,
        ports: [
          { name: 'http', port: 80 },
          { name: 'https', port: 443 },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: {
        containers: [{ name: 'controller', ports: [{ containerPort: 80 }, { containerPort: 443 }], ...container }],
      },
    },
  ];
}

export function traceOf(yaml: string, target: string, from?: string): Followed {
  return traceIn(cluster(yaml), target, from);
}

export function traceIn(
  model: ClusterModel,
  target: string,
  from = 'internet',
  headers: Readonly<Record<string, string>> = {},
): Followed {
  const request = readTarget(target);
  const origin = readOrigin(from, model);
  if (request.kind === 'unreadable') throw new Error(request.message);
  if (origin.kind === 'unreadable') throw new Error(origin.message);
  return follow(model, {
    target: request.value,
    from: origin.value,
    protocol: 'TCP',
    method: 'GET',
    headers: new Map(Object.entries(headers)),
  });
}

/** How a request ends that can only end in one way. */
export function verdictOf(model: ClusterModel, target: string, from?: string): Verdict {
  const [path, ...others] = traceIn(model, target, from).paths;
  if (path === undefined || others.length > 0) throw new Error(`${others.length + 1} paths`);
  return path.verdict;
}

/** What the rules find in a cluster of which nothing is missing. */
export function foundIn(model: ClusterModel): Found[] {
  return model.declared.definitions.flatMap((manifest) => foundAbout(manifest, { model, isComplete: true }));
}

/** The trace as a terminal shows it, without the assumptions. */
export function traced(yaml: string, target: string, from?: string): string {
  const workspace = oneFile(yaml);
  return traceText({ ...traceOf(yaml, target, from), assumptions: [] }, (field) => {
    const site = workspace.siteOf(field);
    return site === null ? null : { file: site.uri, line: site.range.start.line + 1 };
  });
}

/** A workspace of one file, as `cluster` reads it. */
export function oneFile(yaml: string): Workspace {
  const workspace = new Workspace();
  workspace.put('test.yaml', yaml);
  return workspace;
}

/** The place of the cursor `|` in some text that stands once in all files. */
export function placeOf(texts: Readonly<Record<string, string>>, at: string): { uri: string; position: Position } {
  const cursor = at.indexOf('|');
  const found = Object.entries(texts).filter(([, text]) => text.split(at.replace('|', '')).length === 2);
  const [[uri, text] = ['', '']] = found;
  if (found.length !== 1) throw new Error(`${at} is in ${found.length} files`);
  const before = text.slice(0, text.indexOf(at.replace('|', '')) + cursor).split('\n');
  return { uri, position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}
