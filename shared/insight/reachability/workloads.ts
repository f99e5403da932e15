import { type ClusterModel, ofModel } from '../../cluster/clusterModel.ts';
import { writtenOnes } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Protocol } from '../../cluster/service.ts';
import { type Field, fieldOf } from '../../manifest/manifest.ts';
import { workloadAbbreviations } from '../../trace/readRequest.ts';
import { podName } from '../../trace/trace.ts';

/** The pods that one workload makes. */
export interface Workload {
  /** As `trace --from` reads it: `deploy/web.shop`. */
  readonly who: string;
  /** In short: `web.shop`; as `who` has it where workloads of several kinds have the name. */
  readonly name: string;
  /** Those that have an address; at least one. */
  readonly pods: readonly Pod[];
  /** Those that its containers declare, and those that Services lead to. */
  readonly ports: readonly AskedPort[];
  readonly at: Field;
}

/** A port at which somebody is asked. */
export interface AskedPort {
  readonly port: number;
  readonly protocol: Protocol;
}

/** `8080`, `53/UDP` */
export function portText({ port, protocol }: AskedPort): string {
  return protocol === 'TCP' ? String(port) : `${port}/${protocol}`;
}

/** The workloads of a set that have pods, in its order. */
export const workloadsOf = ofModel((model: ClusterModel): readonly Workload[] => {
  const byWho = new Map<string, Pod[]>();
  for (const pod of writtenOnes(model.pods)) {
    if (pod.addresses.length === 0) continue;
    const who = workloadOf(pod);
    const known = byWho.get(who);
    if (known === undefined) byWho.set(who, [pod]);
    else known.push(pod);
  }
  const served = servedPorts(model);
  const shortNames = new Map<string, number>();
  for (const who of byWho.keys()) shortNames.set(shortName(who), (shortNames.get(shortName(who)) ?? 0) + 1);
  return [...byWho].flatMap(([who, pods]): Workload[] => {
    const [first] = pods;
    if (first === undefined) return [];
    const name = shortNames.get(shortName(who)) === 1 ? shortName(who) : who;
    return [{ who, name, pods, ports: portsOf(pods, served), at: fieldOf(first.manifest, 'metadata', 'name') }];
  });
});

/** One pod alone. */
export function onePod(model: ClusterModel, pod: Pod, who: string): Workload {
  const at = fieldOf(pod.manifest, 'metadata', 'name');
  return { who, name: who, pods: [pod], ports: portsOf([pod], servedPorts(model)), at };
}

/** The workload that a pod is of, as `trace --from` reads it; the pod itself where nobody can name its owner. */
export function workloadOf(pod: Pod): string {
  const { owner, namespace } = pod;
  const word = workloadAbbreviations.get(owner.kind);
  return word === undefined ? `pod/${podName(pod)}` : `${word}/${podName({ name: owner.name, namespace })}`;
}

function shortName(who: string): string {
  return who.slice(who.indexOf('/') + 1);
}

function portsOf(pods: readonly Pod[], served: ReadonlyMap<Pod, readonly AskedPort[]>): AskedPort[] {
  const ports = new Set<AskedPort>();
  for (const pod of pods) {
    for (const { ports: declared } of pod.containers) for (const each of declared) ports.add(askedPort(each));
    for (const each of served.get(pod) ?? []) ports.add(each);
  }
  return [...ports].toSorted((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

const askedPorts = new Map<string, AskedPort>();

/** The same object for the same port: what is judged at a gate is remembered by it. */
export function askedPort({ port, protocol }: AskedPort): AskedPort {
  const key = `${port} ${protocol}`;
  const known = askedPorts.get(key) ?? { port, protocol };
  askedPorts.set(key, known);
  return known;
}

/** Where Services lead to, pod by pod. */
const servedPorts = ofModel((model: ClusterModel): ReadonlyMap<Pod, readonly AskedPort[]> => {
  const served = new Map<Pod, AskedPort[]>();
  for (const service of model.services)
    for (const byPort of model.endpointsOf(service).byFamily.values())
      byPort.forEach((endpoints, index) => {
        const protocol = service.ports[index]?.protocol ?? 'TCP';
        for (const { pod, port } of endpoints) {
          if (pod === null) continue;
          const known = served.get(pod);
          if (known === undefined) served.set(pod, [askedPort({ port, protocol })]);
          else known.push(askedPort({ port, protocol }));
        }
      });
  return served;
});
