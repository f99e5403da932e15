import { addressIn, families, familyOf } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsOfAllFamilies, selectedPods, servicesIn } from '../../cluster/lookups.ts';
import { type Pod, readPodTemplate } from '../../cluster/pod.ts';
import type { Protocol, Service } from '../../cluster/service.ts';
import { madeUp } from '../../manifest/manifest.ts';
import { itemsAt, textAt, textOf, type Value, valueAt } from '../../manifest/value.ts';
import { chosenPlugin } from './chosenPlugin.ts';
import { type Judgement, judgeAtGate } from './gate.ts';
import type { Direction } from './policiesOf.ts';
import { seenAtGate, type Socket } from './seenAtGate.ts';

/** Whether policies let a pod ask the cluster's DNS. */
export interface DnsGate {
  readonly judgement: Judgement;
  /** The pod at whose gate that is decided: the one that asks, or a pod of the DNS. */
  readonly pod: Pod;
  readonly direction: Direction;
  /** The other side, as the gate sees it. */
  readonly peer: Socket;
  readonly protocol: Protocol;
  /** Whether the pods of the DNS are assumed: the set shows none. */
  readonly isAssumed: boolean;
}

/**
 * How a pod comes to the cluster's DNS by a protocol: the first of its servers that policies let it ask, else where the
 * first one is denied. Null where that can't be known: the pod asks another DNS, or knows the name by itself.
 * Source: kubernetes/kubernetes pkg/kubelet/network/dns/dns.go `getPodDNSType` (1.36).
 */
export function dnsGate(model: ClusterModel, pod: Pod, host: string | null, protocol: Protocol): DnsGate | null {
  if (pod.hostNetwork || !asksCluster(pod) || (host !== null && knowsItself(pod, host))) return null;
  const gates = serversOf(model, pod).flatMap((server) => gateTo(model, pod, server, protocol));
  return (
    gates.find(({ judgement }) => judgement.kind === 'allowed') ??
    gates.find(({ judgement }) => judgement.kind !== 'denied') ??
    gates[0] ??
    null
  );
}

/** Whom a rule has to let a pod out to, for the cluster's DNS. */
export type DnsPeers = { readonly port: number } & (
  | { readonly kind: 'pods'; readonly namespace: string; readonly labels: ReadonlyMap<string, string> }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
);

/** Pods by what the Service of the DNS picks them by; what a node's network has by its addresses. */
export function dnsPeers(model: ClusterModel, pod: Pod): DnsPeers {
  const servers = serversOf(model, pod);
  const { peer, port } = servers[0] ?? { peer: '', port: dnsPort };
  const isNobodysPod = typeof peer !== 'string' && peer.hostNetwork && !mayMeanHostPods(model);
  if (typeof peer === 'string' || isNobodysPod)
    return { kind: 'addresses', addresses: [...new Set(servers.map(({ address }) => address))], port };
  const picked = [dnsService(model)?.selector ?? null, new Map(dnsLabels)].find(
    (each) => each !== null && [...each].every(([key, value]) => peer.labels.get(key) === value),
  );
  return { kind: 'pods', namespace: peer.namespace, labels: picked ?? peer.labels, port };
}

function mayMeanHostPods({ profile }: ClusterModel): boolean {
  return chosenPlugin(profile).plugin.hostPods !== 'nobody';
}

/** A place where the cluster's DNS answers. */
interface DnsServer {
  /** A pod, which needn't be of the set, or an address that a node has for its own cache. */
  readonly peer: Pod | string;
  readonly address: string;
  readonly port: number;
  /** What is asked for it, before an endpoint is chosen. */
  readonly service: Socket | null;
  readonly isAssumed: boolean;
}

/** The sender's gate; that of the DNS too where it lets it out. */
function gateTo(model: ClusterModel, pod: Pod, server: DnsServer, protocol: Protocol): DnsGate {
  const chosen = chosenPlugin(model.profile).plugin;
  const { address, port, service, peer: whom, isAssumed } = server;
  const packet = { protocol, source: sourceTo(pod, address), destination: { address, port } };
  const out = seenAtGate(model, packet, { pod, direction: 'egress', service }, chosen);
  const isOfPod = out.peer.address === address;
  const leaving: DnsGate = {
    judgement: judgeAtGate(model, { ...out.at, peer: isOfPod ? whom : out.at.peer }, out.plugin),
    pod,
    direction: 'egress',
    peer: out.peer,
    protocol,
    isAssumed,
  };
  if (leaving.judgement.kind !== 'allowed' || typeof whom === 'string' || whom.hostNetwork) return leaving;
  const into = seenAtGate(model, packet, { pod: whom, direction: 'ingress', masquerade: null }, chosen);
  const judgement = judgeAtGate(model, { ...into.at, peer: pod }, into.plugin);
  const isDecided = judgement.kind !== 'allowed' || leaving.judgement.by === null;
  return isDecided ? { ...leaving, judgement, pod: whom, direction: 'ingress', peer: into.peer } : leaving;
}

function sourceTo({ addresses, address }: Pod, destination: string): string {
  return addresses.find((each) => familyOf(each) === familyOf(destination)) ?? address;
}

function podSpec({ manifest }: Pod): Value | undefined {
  return readPodTemplate(manifest)?.spec ?? valueAt(manifest.value, 'spec');
}

function asksCluster(pod: Pod): boolean {
  return (textAt(podSpec(pod), 'dnsPolicy') ?? 'ClusterFirst').startsWith('ClusterFirst');
}

/** By its hosts file. */
function knowsItself(pod: Pod, host: string): boolean {
  const names = itemsAt(podSpec(pod), 'hostAliases').flatMap((each) => itemsAt(each, 'hostnames').map(textOf));
  return host === 'localhost' || host === pod.hostname || names.includes(host);
}

function serversOf(model: ClusterModel, pod: Pod): DnsServer[] {
  const caches = cacheAddresses(model, pod);
  if (caches.length > 0)
    return caches.map((address) => ({ peer: address, address, port: dnsPort, service: null, isAssumed: false }));
  const service = dnsService(model);
  const usable = new Set(pod.addresses.map(familyOf));
  const port = service?.ports.find((each) => each.port === dnsPort && each.protocol === 'UDP');
  const asked = (address: string): Socket | null => {
    const clusterIP = service?.clusterIPs.find((each) => familyOf(each) === familyOf(address));
    return clusterIP === undefined ? null : { address: clusterIP, port: dnsPort };
  };
  const shown =
    service === undefined || port === undefined
      ? []
      : endpointsOfAllFamilies(model, service, port)
          .filter(({ ready, address }) => ready && usable.has(familyOf(address)))
          .map((each): DnsServer => {
            const { address, pod: own } = each;
            return { peer: own ?? address, address, port: each.port, service: asked(address), isAssumed: false };
          });
  const alone = selectedPods(model, { namespace: dnsNamespace, selector: new Map(dnsLabels) }).flatMap((own) => {
    const address = own.addresses.find((each) => usable.has(familyOf(each)));
    return address === undefined
      ? []
      : [{ peer: own, address, port: dnsPort, service: asked(address), isAssumed: false }];
  });
  if (shown.length > 0) return shown;
  return alone.length > 0 ? alone : assumedServers.map((each) => assumedServer(model, pod, each));
}

const dnsPort = 53;
const dnsNamespace = 'kube-system';
const openShiftNamespace = 'openshift-dns';
/** Where the cluster's DNS runs. */
export const dnsNamespaces: readonly string[] = [dnsNamespace, openShiftNamespace];
const dnsLabels: readonly (readonly [string, string])[] = [['k8s-app', 'kube-dns']];

/** As kubeadm and most installers call it; OpenShift has its own. */
function dnsService(model: ClusterModel): Service | undefined {
  const own = servicesIn(model, dnsNamespace);
  const isOfDns = ({ name, manifest }: Service): boolean =>
    name === 'kube-dns' || dnsLabels.every(([key, value]) => manifest.labels.get(key) === value);
  return own.find(isOfDns) ?? servicesIn(model, openShiftNamespace).find(({ name }) => name === 'dns-default');
}

/**
 * Where the node's own cache answers, a process on the node's network: `-localip` of NodeLocal DNSCache, which may have
 * the cluster address of `kube-dns` among them. Source: kubernetes/dns cmd/node-cache/main.go (1.26).
 */
function cacheAddresses(model: ClusterModel, pod: Pod): string[] {
  return addressesOf(cachePods(model).find(({ node }) => node === pod.node));
}

/** The addresses at which caches of nodes answer. */
export function cacheAddressesIn(model: ClusterModel): string[] {
  return addressesOf(cachePods(model)[0]);
}

function cachePods(model: ClusterModel): readonly Pod[] {
  return selectedPods(model, { namespace: dnsNamespace, selector: new Map([['k8s-app', 'node-local-dns']]) });
}

function addressesOf(cache: Pod | undefined): string[] {
  if (cache === undefined) return [];
  const args = cache.containers.flatMap((each) => each.args);
  const at = args.findIndex((each) => /^--?localip(?:=|$)/.test(each));
  const text = /=(.*)/.exec(args[at] ?? '')?.[1] ?? args[at + 1] ?? '';
  const addresses = text.split(',').filter((each) => /^[\d.]+$|:/.test(each));
  return addresses.length > 0 ? addresses : ['169.254.20.10'];
}

/** As every installer labels its pods, and as OpenShift does. */
const assumedServers = [
  { namespace: dnsNamespace, name: 'kube-dns', port: dnsPort, labels: new Map(dnsLabels) },
  {
    namespace: openShiftNamespace,
    name: 'dns-default',
    port: 5353,
    labels: new Map([['dns.operator.openshift.io/daemonset-dns', 'default']]),
  },
] as const;

/** One of its pods, with an address of the pods' range. */
function assumedServer(
  { profile }: ClusterModel,
  { addresses }: Pod,
  { namespace, name, port, labels }: (typeof assumedServers)[number],
): DnsServer {
  const family = families.find((each) => addresses.some((own) => familyOf(own) === each)) ?? 'IPv4';
  const range = profile.podNetwork.cidrs.find((each) => familyOf(each) === family) ?? '10.244.0.0/16';
  const address = addressIn(range, 2);
  const pod: Pod = {
    namespace,
    name,
    labels,
    address,
    addresses: [address],
    node: '',
    hostNetwork: false,
    ready: true,
    terminating: false,
    waits: null,
    containers: [
      {
        name: 'dns',
        image: '',
        args: [],
        ports: (['UDP', 'TCP'] as const).map((protocol) => ({
          name: protocol === 'UDP' ? 'dns' : 'dns-tcp',
          port,
          protocol,
          hostPort: null,
          hostIP: null,
        })),
      },
    ],
    hostname: null,
    subdomain: null,
    manifest: madeUp('hoplens-assumed:cluster-dns', { apiVersion: 'v1', kind: 'Pod', metadata: { name } }),
    owner: { kind: 'Deployment', name },
    isReal: false,
  };
  return { peer: pod, address, port, service: null, isAssumed: true };
}
