import { familyOf, ofFamily } from '../../cluster/address.ts';
import { type ClusterModel, ofModel } from '../../cluster/clusterModel.ts';
import { selectedPods } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Protocol, Service } from '../../cluster/service.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import type { PolicyPlugin } from '../../network/policy/policyPlugin.ts';
import { seenAtGate } from '../../network/policy/seenAtGate.ts';
import { likeness, type Telling, type ToldApart } from '../../network/policy/telling.ts';
import { podName } from '../../trace/trace.ts';
import { type Comes, comesOfJudgement } from './readings.ts';
import { type AskedPort, askedPort } from './workloads.ts';

// A gate that sees Services' own addresses may judge a packet to a Service otherwise than one to its pod.

/** A Service at one of its ports, as pods ask it by its cluster address. */
export interface ServiceAt {
  readonly name: string;
  readonly namespace: string;
  readonly addresses: readonly string[];
  readonly port: number;
  /** By what policies tell it: the labels that it selects by, its addresses. */
  readonly like: ToldApart;
  /** Equal where it is asked at the same port, and its ports lead to equal ports. */
  readonly portsKey: string;
}

/** A plug-in whose gate sees Services' own addresses; by its title where it isn't the one that counts. */
export interface ServiceReader {
  readonly title: string | null;
  readonly plugin: PolicyPlugin;
}

export const serviceReaders = ofModel(({ profile }: ClusterModel): readonly ServiceReader[] => {
  const { plugin, others } = chosenPlugin(profile);
  const sees = ({ egressSees }: PolicyPlugin): boolean => egressSees === 'service';
  return [
    ...(sees(plugin) ? [{ title: null, plugin }] : []),
    // One plug-in in two ways of which the gate on the way out hears nothing is one.
    ...others
      .filter((each) => sees(each) && each.id !== plugin.id)
      .map((each) => ({ title: each.title, plugin: each })),
  ];
});

const none: readonly ServiceAt[] = [];

/** The Services by which pods can be asked at a port. */
export function servicesTo(model: ClusterModel, [pod]: readonly Pod[], port: AskedPort): readonly ServiceAt[] {
  if (pod === undefined || serviceReaders(model).length === 0) return none;
  return servicesByPod(model).get(pod)?.get(askedPort(port)) ?? none;
}

const servicesByPod = ofModel((model: ClusterModel): ReadonlyMap<Pod, ReadonlyMap<AskedPort, readonly ServiceAt[]>> => {
  const byPod = new Map<Pod, Map<AskedPort, ServiceAt[]>>();
  for (const service of model.services) {
    if (service.headless || service.clusterIPs.length === 0) continue;
    const leading = portsKeyOf(model, service);
    const like = {
      labels: service.selector ?? new Map<string, string>(),
      addresses: service.clusterIPs,
      containers: [],
    };
    for (const byPort of model.endpointsOf(service).byFamily.values())
      byPort.forEach((endpoints, index) => {
        const asked = service.ports[index];
        if (asked === undefined) return;
        const { namespace, clusterIPs: addresses } = service;
        const portsKey = `${addresses.map(familyOf).join()} ${asked.port} ${asked.protocol} ${leading}`;
        const at: ServiceAt = { name: podName(service), namespace, addresses, port: asked.port, like, portsKey };
        for (const { pod, port } of endpoints) {
          if (pod === null) continue;
          const ports = byPod.get(pod) ?? new Map<AskedPort, ServiceAt[]>();
          byPod.set(pod, ports);
          const key = askedPort({ port, protocol: asked.protocol });
          const known = ports.get(key) ?? [];
          if (known.every(({ name, port: other }) => name !== at.name || other !== at.port))
            ports.set(key, [...known, at]);
        }
      });
  }
  return byPod;
});

function portsKeyOf(model: ClusterModel, service: Service): string {
  const ports = selectedPods(model, service).flatMap(({ containers }) =>
    containers.flatMap((each) => each.ports.map(({ name, port, protocol }) => `${name} ${port} ${protocol}`)),
  );
  const own = service.ports.map(({ port, targetPort, protocol }) => `${port} ${targetPort} ${protocol}`);
  return [...own, ...new Set(ports)].join();
}

/** Equal for Services that a gate can't tell apart. */
export function likenessOfService(telling: Telling, { like, port, portsKey }: ServiceAt): string {
  return `${portsKey} ${likeness(telling, like, port)}`;
}

/** What a plug-in makes of a packet to a Service at the gate on the way out; null where the pod can't ask it. */
export function outToService(
  model: ClusterModel,
  pod: Pod,
  { service: { addresses, port }, protocol }: { readonly service: ServiceAt; readonly protocol: Protocol },
  plugin: PolicyPlugin,
): Comes | null {
  for (const address of addresses) {
    const [source] = ofFamily(pod.addresses, familyOf(address));
    if (source === undefined) continue;
    const destination = { address, port };
    const passing = { pod, direction: 'egress', service: destination } as const;
    const seen = seenAtGate(model, { protocol, source, destination }, passing, plugin);
    return comesOfJudgement[judgeAtGate(model, seen.at, seen.plugin).kind];
  }
  return null;
}
