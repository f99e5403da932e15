import { type Field, fieldOf, type Manifest } from '../manifest/manifest.ts';
import {
  booleanAt,
  integerAt,
  itemsAt,
  textAt,
  textOf,
  textsAt,
  type Value,
  valueAt,
  isMap,
  isList,
  isScalar,
  keysAt,
} from '../manifest/value.ts';
import { canonicalRange, type Family, familyOf, partsOfRange } from './address.ts';
import type { Assumption } from './because.ts';

/**
 * What manifests don't hold: nodes, proxy mode, pod network, load balancer, controllers. Read from a `ClusterProfile`
 * document (`hoplens.dev/v1alpha1`); what it leaves out is assumed, and each assumption is listed.
 */
export interface Profile {
  readonly name: string | null;
  /** The minor version of Kubernetes 1. */
  readonly kubernetesMinor: number;
  readonly field: Field | null;
  /** Null where the profile names none: the set's own Node objects decide, else three are assumed. */
  readonly nodes: readonly ProfileNode[] | null;
  readonly nodeCount: number | null;
  readonly kubeProxy: KubeProxyConfiguration;
  /** One range, or one of each family for a dual-stack cluster, the primary first. */
  readonly podNetwork: {
    readonly cidrs: readonly string[];
    readonly isCidrWritten: boolean;
    readonly routable: boolean;
    readonly cni: Cni;
    readonly isCniWritten: boolean;
    /** Who enforces policies, if not the one who makes the pod network; null where it isn't said. */
    readonly policies: PolicyEnforcer | null;
    /** How packets to another node's pods are sent; null where it isn't said. */
    readonly encapsulation: Encapsulation | null;
  };
  /**
   * Where Services get their addresses from, the primary family first; several of one family where ServiceCIDR objects
   * add some.
   */
  readonly serviceCidrs: readonly string[];
  /** Whether the profile, or the ServiceCIDR that the API server makes, says them. */
  readonly isServiceCidrWritten: boolean;
  readonly nodePortRange: { readonly from: number; readonly to: number };
  readonly clusterDomain: string;
  readonly loadBalancer: {
    readonly provider: string;
    readonly target: LoadBalancerTarget;
    readonly isWritten: boolean;
    readonly isTargetWritten: boolean;
  };
  readonly loadBalancers: readonly ManualLoadBalancer[];
  readonly ingressControllers: readonly ProfileController[];
  /** Routes to a cluster range that somebody added outside the cluster, through one node. */
  readonly routes: readonly { readonly to: string; readonly via: string; readonly field: Field }[];
}

export interface ProfileNode {
  readonly name: string;
  readonly address: string | null;
  readonly zone: string | null;
  readonly podCIDR: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly ready: boolean;
}

/**
 * What of kube-proxy's configuration decides where packets go. Source: kubernetes/kubernetes
 * pkg/proxy/apis/config/types.go (1.36).
 */
export interface KubeProxyConfiguration {
  readonly mode: ProxyMode;
  readonly masqueradeAll: boolean;
  /**
   * How it tells this cluster's pods from others: by the pod network's range, the node's own, the pod bridge,
   * or not at all.
   */
  readonly detectLocal: DetectLocal;
  /**
   * Ranges of the node addresses that take nodePort traffic; `primary` for the node's first address of each family;
   * empty for all.
   */
  readonly nodePortAddresses: readonly string[] | 'primary';
  /** Whether nodePorts answer on 127.0.0.1, which only the iptables mode can do. */
  readonly localhostNodePorts: boolean;
  /**
   * How Cilium sends what comes from outside to another node:
   * with its own address, or so that the endpoint answers the client itself.
   */
  readonly loadBalancerMode: LoadBalancerMode;
}

/** The default masks with which the node IPAM controller shares out the pod network. */
export const podRangeLength: Readonly<Record<Family, number>> = { IPv4: 24, IPv6: 64 };

export const loadBalancerModes = ['snat', 'dsr', 'hybrid'] as const;
export type LoadBalancerMode = (typeof loadBalancerModes)[number];

export const detectLocalModes = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'none'] as const;
export type DetectLocal = (typeof detectLocalModes)[number];
export const proxyModes = ['iptables', 'nftables', 'ipvs', 'cilium'] as const;
export type ProxyMode = (typeof proxyModes)[number];
export const cnis = [
  'bridge',
  'ptp',
  'calico',
  'canal',
  'cilium',
  'antrea',
  'ovn-kubernetes',
  'kube-router',
  'kindnet',
  'weave',
  'aws-vpc',
  'azure',
  'gke-dataplane-v2',
  'kubenet',
  'flannel',
] as const;
export type Cni = (typeof cnis)[number];
/** Who can enforce NetworkPolicies, by what people call it; `none` for nobody. */
export const policyEnforcers = [
  'calico',
  'calico-ebpf',
  'cilium',
  'antrea',
  'ovn-kubernetes',
  'aws-vpc',
  'azure-npm',
  'gke-dataplane-v2',
  'kube-router',
  'kube-network-policies',
  'weave',
  'none',
] as const;
export type PolicyEnforcer = (typeof policyEnforcers)[number];
/** What packets to another node's pods are wrapped in; `none` where they are sent as they are. */
export const encapsulations = ['vxlan', 'ipip', 'geneve', 'wireguard', 'none'] as const;
export type Encapsulation = (typeof encapsulations)[number];
export const loadBalancerTargets = ['nodePort', 'address', 'pod'] as const;
/**
 * Where a load balancer sends packets: a node's nodePort, a node still addressed to the balancer, or the pod itself.
 */
export type LoadBalancerTarget = (typeof loadBalancerTargets)[number];

/** A load balancer provisioned by hand, outside any manifest. */
export interface ManualLoadBalancer {
  readonly name: string;
  readonly address: string | null;
  readonly listen: number;
  readonly nodes: readonly string[] | null;
  readonly nodePort: number;
  /** A balancer of layer 7 opens a connection of its own to the node. */
  readonly layer: 4 | 7;
  readonly field: Field;
}

export interface ProfileController {
  readonly class: string;
  readonly implementation: string;
  /** `namespace/name` of the Service in front of the controller's pods. */
  readonly service: string | null;
  /** `3.6` or longer; counts where no image says it. Null where it isn't said. */
  readonly version: string | null;
  readonly field: Field;
}

export interface ProfileProblem {
  readonly message: string;
  readonly field: Field;
}

export const assumedProfile: Profile = {
  name: null,
  kubernetesMinor: 36,
  field: null,
  nodes: null,
  nodeCount: null,
  kubeProxy: {
    mode: 'iptables',
    masqueradeAll: false,
    detectLocal: 'ClusterCIDR',
    nodePortAddresses: [],
    localhostNodePorts: true,
    loadBalancerMode: 'snat',
  },
  podNetwork: {
    cidrs: ['10.244.0.0/16'],
    isCidrWritten: false,
    routable: false,
    cni: 'bridge',
    isCniWritten: false,
    policies: null,
    encapsulation: null,
  },
  serviceCidrs: ['10.96.0.0/12'],
  isServiceCidrWritten: false,
  nodePortRange: { from: 30000, to: 32767 },
  clusterDomain: 'cluster.local',
  loadBalancer: { provider: 'generic', target: 'nodePort', isWritten: false, isTargetWritten: false },
  loadBalancers: [],
  ingressControllers: [],
  routes: [],
};

export function isProfile({ kind, apiVersion }: Manifest): boolean {
  return kind === 'ClusterProfile' && apiVersion.startsWith('hoplens.dev/');
}

/** Its fields, by where they stand, and what each means. */
export const profileFields = {
  spec: {
    kubernetesVersion: 'In quotes: "1.36".',
    nodes: 'How many there are ({ count: 4 }), or a list of them.',
    kubeProxy: 'The mode of kube-proxy, and what else decides where it sends packets.',
    podNetwork: 'The range of the pods, the CNI, and who enforces policies.',
    serviceCIDR: 'Where Services get their addresses from: 10.96.0.0/12.',
    nodePortRange: 'Where nodePorts come from: 30000-32767.',
    clusterDomain: 'What names in the cluster end in: cluster.local.',
    loadBalancer: 'What stands behind a Service of type LoadBalancer.',
    loadBalancers: 'Load balancers provisioned by hand, outside any manifest.',
    ingressControllers: 'Ingress controllers and Gateways that no manifest shows.',
    routes: 'Routes to a range of the cluster, added by hand, through one node.',
  },
  nodes: { count: 'How many nodes there are.' },
  node: {
    name: 'As its Node object is called.',
    address: 'Its address in the network of the nodes.',
    zone: 'Its zone, by which endpoints are chosen.',
    podCIDR: 'The range of its pods.',
    labels: 'Its labels.',
    ready: 'Whether it is: true without this.',
  },
  kubeProxy: {
    mode: 'iptables, nftables, ipvs; cilium where Cilium stands in its place.',
    masqueradeAll: 'Whether it gives every packet for a Service the address of its node.',
    detectLocal: "How it tells this cluster's pods from others.",
    nodePortAddresses: 'Ranges of the addresses that take nodePorts, or primary; all without this.',
    localhostNodePorts: 'Whether nodePorts answer on 127.0.0.1.',
    loadBalancerMode: "Cilium's way to send to another node: snat, dsr, hybrid.",
  },
  podNetwork: {
    cidr: 'The range of the pods; one of each family, with a comma between, for dual stack.',
    routable: 'Whether pods can be reached from outside of the cluster.',
    cni: 'Which plugin gives pods their addresses.',
    policies: 'Who enforces NetworkPolicies, if not that plugin: docs/policies.md has them; none for nobody.',
    encapsulation: "What packets to another node's pods are wrapped in; none where they are sent as they are.",
  },
  loadBalancer: {
    provider: 'Which one it is, as docs/load-balancers.md names them.',
    target: 'Where it sends: to a nodePort, to the node at its own address, to the pod.',
  },
  loadBalancers: {
    name: 'How a trace names it.',
    address: 'Its address; one is made up without this.',
    listen: 'The port that it listens at.',
    nodes: 'The nodes that it sends to; all without this.',
    nodePort: 'The port of the nodes that it sends to.',
    layer: '4 passes packets on, 7 opens a connection of its own.',
  },
  ingressControllers: {
    class: 'The IngressClass or GatewayClass that it takes.',
    implementation: 'Which one it is: ingress-nginx, traefik.',
    service: 'The Service before its pods: namespace/name.',
    version: 'In quotes, "3.6": counts where no image says it.',
  },
  routes: { to: 'The range.', via: 'The node.' },
} as const;

export type ProfileShape = keyof typeof profileFields;

/** Reads a `ClusterProfile`; a field that can't be understood is a problem at its place and keeps its assumed value. */
export function readProfile(manifest: Manifest): { profile: Profile; problems: ProfileProblem[] } {
  const problems: ProfileProblem[] = [];
  const spec = valueAt(manifest.value, 'spec');
  const problem = (message: string, ...path: (string | number)[]): void => {
    problems.push({ message, field: fieldOf(manifest, 'spec', ...path) });
  };
  const known = (value: Value | undefined, shape: ProfileShape, ...path: (string | number)[]): void => {
    if (!isMap(value)) return;
    const names = Object.keys(profileFields[shape]);
    for (const name of keysAt(value)) {
      if (!names.includes(name))
        problem(
          `ClusterProfile has no field ${[...path, name].join('.')}; known here: ${names.join(', ')}.`,
          ...path,
          name,
        );
    }
  };
  const oneOf = <T extends string, F = T>(allowed: readonly T[], fallback: F, ...path: string[]): T | F => {
    const text = textAt(spec, ...path);
    if (text === undefined) return fallback;
    const found = allowed.find((each) => each === text);
    if (found === undefined) problem(`${path.join('.')} is ${text}; it can be ${allowed.join(', ')}.`, ...path);
    return found ?? fallback;
  };
  const cidrs = (fallback: readonly string[], ...path: string[]): readonly string[] => {
    const text = textAt(spec, ...path);
    if (text === undefined) return fallback;
    const ranges = text.split(',').map((each) => canonicalRange(each));
    const readable = ranges.filter((each) => each !== null);
    if (
      readable.length === ranges.length &&
      (ranges.length === 1 || (ranges.length === 2 && new Set(readable.map(familyOf)).size === 2))
    )
      return readable;
    problem(
      `${path.join('.')} is ${text}; it must be a range such as ` +
        `${fallback[0] ?? ''}, or one of each family with a comma between.`,
      ...path,
    );
    return fallback;
  };
  known(spec, 'spec');
  for (const name of ['kubeProxy', 'podNetwork', 'loadBalancer'] as const) known(valueAt(spec, name), name, name);

  const nodesValue = valueAt(spec, 'nodes');
  if (isMap(nodesValue)) known(nodesValue, 'nodes', 'nodes');
  let nodeCount = integerAt(spec, 'nodes', 'count') ?? null;
  if (isMap(nodesValue) && (nodeCount === null || nodeCount < 1 || nodeCount > 5000)) {
    problem('nodes.count must be a whole number from 1 to 5000.', 'nodes', 'count');
    nodeCount = null;
  }
  const nodes = isList(nodesValue)
    ? nodesValue.map((item, index): ProfileNode => {
        known(item, 'node', 'nodes', index);
        return {
          name: textAt(item, 'name') ?? `node-${index + 1}`,
          address: textAt(item, 'address') ?? null,
          zone: textAt(item, 'zone') ?? null,
          podCIDR: textAt(item, 'podCIDR') ?? null,
          labels: textsAt(item, 'labels') ?? new Map(),
          ready: booleanAt(item, 'ready') ?? true,
        };
      })
    : null;
  const version = /^v?1\.(\d+)(?:\.\d+)?$/.exec(textAt(spec, 'kubernetesVersion') ?? '');
  if (version === null && valueAt(spec, 'kubernetesVersion') !== undefined)
    problem('kubernetesVersion must look like "1.36".', 'kubernetesVersion');
  const range = /^(\d+)-(\d+)$/.exec(textAt(spec, 'nodePortRange') ?? '');
  if (textAt(spec, 'nodePortRange') !== undefined && range === null)
    problem('nodePortRange must look like 30000-32767.', 'nodePortRange');
  const positive = (value: Value, field: string, ...path: (string | number)[]): number => {
    const number = integerAt(value, field);
    if (number === undefined || number < 1 || number > 65535)
      problem(`${path.join('.')}.${field} must be a port from 1 to 65535.`, ...path, field);
    return number ?? 80;
  };
  const mode = oneOf(proxyModes, 'iptables', 'kubeProxy', 'mode');
  const nodePortAddresses = itemsAt(spec, 'kubeProxy', 'nodePortAddresses').flatMap((each, index) => {
    const text = textOf(each) ?? '';
    if (text === 'primary' || canonicalRange(text) !== null) return [text];
    problem(
      `nodePortAddresses has ${text}; it takes ranges such as 192.168.0.0/24, or primary.`,
      'kubeProxy',
      'nodePortAddresses',
      index,
    );
    return [];
  });
  const serviceCidrs = cidrs(assumedProfile.serviceCidrs, 'serviceCIDR');
  const podCidrs = cidrs(assumedProfile.podNetwork.cidrs, 'podNetwork', 'cidr');
  const isPodCidrWritten = textAt(spec, 'podNetwork', 'cidr') !== undefined;
  const needing = nodes === null ? (nodeCount ?? 0) : nodes.some(({ podCIDR }) => podCIDR === null) ? nodes.length : 0;
  for (const cidr of podCidrs) {
    const length = podRangeLength[familyOf(cidr)];
    const parts = partsOfRange(cidr, length);
    if (needing <= parts) continue;
    const room = parts === 1 ? `one range of /${length}` : `${parts} ranges of /${length}`;
    const message = `The pod network ${cidr} has ${room}, too few for ${needing} nodes: some get the same one.`;
    problem(message, ...(isPodCidrWritten ? ['podNetwork', 'cidr'] : ['nodes']));
  }
  return {
    problems,
    profile: {
      name: manifest.name,
      kubernetesMinor: version === null ? assumedProfile.kubernetesMinor : Number(version[1]),
      field: fieldOf(manifest),
      nodes,
      nodeCount,
      kubeProxy: withMode(
        {
          mode,
          masqueradeAll: booleanAt(spec, 'kubeProxy', 'masqueradeAll') ?? false,
          detectLocal: oneOf(detectLocalModes, 'ClusterCIDR', 'kubeProxy', 'detectLocal'),
          nodePortAddresses:
            nodePortAddresses[0] === 'primary'
              ? 'primary'
              : nodePortAddresses.flatMap((each) => canonicalRange(each) ?? []),
          localhostNodePorts: booleanAt(spec, 'kubeProxy', 'localhostNodePorts') ?? true,
          loadBalancerMode: oneOf(loadBalancerModes, 'snat', 'kubeProxy', 'loadBalancerMode'),
        },
        mode,
      ),
      podNetwork: {
        cidrs: podCidrs,
        isCidrWritten: isPodCidrWritten,
        cni: oneOf(cnis, 'bridge', 'podNetwork', 'cni'),
        isCniWritten: textAt(spec, 'podNetwork', 'cni') !== undefined,
        policies: oneOf(policyEnforcers, null, 'podNetwork', 'policies'),
        encapsulation: oneOf(encapsulations, null, 'podNetwork', 'encapsulation'),
        routable:
          booleanAt(spec, 'podNetwork', 'routable') ??
          ['aws-vpc', 'azure', 'gke-dataplane-v2'].includes(textAt(spec, 'podNetwork', 'cni') ?? ''),
      },
      serviceCidrs,
      isServiceCidrWritten: serviceCidrs !== assumedProfile.serviceCidrs,
      nodePortRange: range === null ? assumedProfile.nodePortRange : { from: Number(range[1]), to: Number(range[2]) },
      clusterDomain: textAt(spec, 'clusterDomain') ?? 'cluster.local',
      loadBalancer: {
        provider: textAt(spec, 'loadBalancer', 'provider') ?? 'generic',
        target: oneOf(loadBalancerTargets, 'nodePort', 'loadBalancer', 'target'),
        isWritten: valueAt(spec, 'loadBalancer') !== undefined,
        isTargetWritten: valueAt(spec, 'loadBalancer', 'target') !== undefined,
      },
      loadBalancers: itemsAt(spec, 'loadBalancers').map((item, index) => {
        known(item, 'loadBalancers', 'loadBalancers', index);
        return {
          name: textAt(item, 'name') ?? `lb-${index + 1}`,
          address: textAt(item, 'address') ?? null,
          listen: integerAt(item, 'listen') ?? 80,
          nodes:
            valueAt(item, 'nodes') === undefined
              ? null
              : itemsAt(item, 'nodes').flatMap((each) => (isScalar(each) ? [String(each)] : [])),
          nodePort: positive(item, 'nodePort', 'loadBalancers', index),
          layer: integerAt(item, 'layer') === 7 ? 7 : 4,
          field: fieldOf(manifest, 'spec', 'loadBalancers', index),
        };
      }),
      ingressControllers: itemsAt(spec, 'ingressControllers').map((item, index) => {
        known(item, 'ingressControllers', 'ingressControllers', index);
        const said = valueAt(item, 'version');
        const version = typeof said === 'string' ? said.replace(/^v/, '') : null;
        const isVersion = said === undefined || (version !== null && /^\d+\.\d+/.test(version));
        // Without quotes 3.10 is the number 3.1.
        if (!isVersion) problem('version must look like "3.6", in quotes.', 'ingressControllers', index, 'version');
        return {
          class: textAt(item, 'class') ?? 'nginx',
          implementation: textAt(item, 'implementation') ?? 'ingress-nginx',
          service: textAt(item, 'service') ?? null,
          version: isVersion ? version : null,
          field: fieldOf(manifest, 'spec', 'ingressControllers', index),
        };
      }),
      routes: itemsAt(spec, 'routes').map((item, index) => {
        known(item, 'routes', 'routes', index);
        return {
          to: textAt(item, 'to') ?? '',
          via: textAt(item, 'via') ?? '',
          field: fieldOf(manifest, 'spec', 'routes', index),
        };
      }),
    },
  };
}

/**
 * A configuration in another mode. Where no nodePort addresses are chosen, the nftables mode takes the node's primary
 * ones.
 * Source: kubernetes/kubernetes cmd/kube-proxy/app/server_linux.go `platformApplyDefaults` (1.36).
 */
export function withMode(configuration: KubeProxyConfiguration, mode: ProxyMode): KubeProxyConfiguration {
  const isUnchosen = configuration.nodePortAddresses.length === 0;
  return {
    ...configuration,
    mode,
    nodePortAddresses: mode === 'nftables' && isUnchosen ? 'primary' : configuration.nodePortAddresses,
  };
}

/** What is assumed of the cluster where no profile says it. */
export function profileAssumptions(profile: Profile): Assumption[] {
  if (profile.name !== null) return [];
  return [
    { id: 'kube-proxy', text: 'kube-proxy in iptables mode assumed: there is no ClusterProfile' },
    {
      id: 'pod-network',
      text:
        `pod network ${profile.podNetwork.cidrs[0] ?? ''} with a bridge on each node assumed, not routable ` +
        'from outside: there is no ClusterProfile',
    },
  ];
}
