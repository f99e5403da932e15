import { canonicalRange, isAddress } from '../cluster/address.ts';
import {
  type Cni,
  type DetectLocal,
  detectLocalModes,
  encapsulations,
  type PolicyEnforcer,
  type ProxyMode,
  proxyModes,
} from '../cluster/profile.ts';
import { flannelBackend } from '../cluster/node.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { parseFile } from '../manifest/parseFile.ts';
import { printable } from '../manifest/printable.ts';
import { booleanAt, itemsAt, textAt, textOf, textsAt, type Value, valueAt } from '../manifest/value.ts';
import { clusterCommands, type ProfileAnswer } from './protocol.ts';

/**
 * A ClusterProfile made of what kubectl printed: its nodes, kube-proxy's and kubeadm's configuration, and, guessed by
 * the DaemonSets and by the nodes' provider, the pod network and the load balancer. Nothing is asked of a cluster.
 *
 * Sources: kubernetes/kubernetes pkg/proxy/apis/config/v1alpha1/conversion.go (KubeProxyConfiguration),
 * cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go (ClusterConfiguration.Networking), both 1.36; the names of DaemonSets
 * as each network's own manifests have them.
 */
export function profileFromCluster(printed: string): ProfileAnswer {
  const file = parseFile('kubectl', separated(printed));
  const ofKind = (kind: string): Manifest[] => file.manifests.filter((each) => each.kind === kind);
  const nodes = ofKind('Node');
  if (nodes.length === 0) {
    const found = [...new Set(file.manifests.map(({ kind }) => kind))].slice(0, 3).join(', ');
    if (/^NAME {2,}STATUS /m.test(printed))
      return { kind: 'nothing', message: `This table has no addresses: paste what ${clusterCommands[0]} prints.` };
    const has = found === '' ? 'No Kubernetes object is in this text' : `There is no Node in this text, only ${found}`;
    return { kind: 'nothing', message: `${has}: paste what ${clusterCommands[0]} prints.` };
  }
  const configurations = ofKind('ConfigMap').flatMap(configurationsIn);
  const facts: Facts = {
    nodes,
    daemonSets: ofKind('DaemonSet'),
    proxy: configurations.find(({ kind }) => kind === 'KubeProxyConfiguration') ?? null,
    kubeadm: configurations.find(({ kind }) => kind === 'ClusterConfiguration') ?? null,
    serviceRanges: ofKind('ServiceCIDR').flatMap(({ value }) => textsOf(valueAt(value, 'spec', 'cidrs'))),
  };
  return { kind: 'profile', text: profileText(facts) };
}

/**
 * What was pasted one behind the other, as documents: kubectl ends none of them, and what it prints begins with
 * `apiVersion` in YAML, with a brace in JSON. Everything else that it prints is indented, so whatever else stands at a
 * line's beginning is the terminal's: prompts, with what was typed there, warnings and errors.
 */
function separated(printed: string): string {
  return printed
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(?![\s{}[\]"'-]|[A-Za-z]+:(?:\s|$)).+$/gm, '')
    .replaceAll(/^(?:Warning|[Ee]rror): .*$/gm, '')
    .replaceAll(/^(?=apiVersion:|\{)/gm, '---\n');
}

interface Facts {
  readonly nodes: readonly Manifest[];
  readonly daemonSets: readonly Manifest[];
  readonly proxy: Configuration | null;
  readonly kubeadm: Configuration | null;
  readonly serviceRanges: readonly string[];
}

/** A configuration that stands as a text in a ConfigMap. */
interface Configuration {
  readonly kind: string;
  readonly value: Value;
  /** `ConfigMap kube-system/kube-proxy` */
  readonly from: string;
}

function configurationsIn({ value, name, namespace }: Manifest): Configuration[] {
  return [...(textsAt(value, 'data') ?? new Map<string, string>()).values()].flatMap((text) =>
    parseFile('configuration', text).documents.flatMap(({ content }) => {
      const kind = content.value === null ? undefined : textAt(content.value, 'kind');
      if (content.value === null || kind === undefined) return [];
      return [{ kind, value: content.value, from: `ConfigMap ${namespace ?? 'default'}/${name}` }];
    }),
  );
}

/** A line of the profile, and where it comes from. */
interface Line {
  readonly text: string;
  readonly from?: string;
}

function profileText(facts: Facts): string {
  const lines: Line[] = [
    { text: '# Made of what kubectl printed. Where each line comes from stands behind it; look at what is guessed.' },
    { text: 'apiVersion: hoplens.dev/v1alpha1' },
    { text: 'kind: ClusterProfile' },
    { text: 'metadata:' },
    nameLine(facts),
    { text: 'spec:' },
    ...versionLines(facts),
    { text: '  nodes:', from: 'kubectl get nodes' },
    ...facts.nodes.flatMap(nodeLines),
    ...proxyLines(facts),
    ...podNetworkLines(facts),
    ...serviceLines(facts),
    ...balancerLines(facts),
  ];
  return `${lines.map(({ text, from }) => (from === undefined ? text : `${text} # ${printable(from)}`)).join('\n')}\n`;
}

function nameLine({ kubeadm }: Facts): Line {
  const name = kubeadm === null ? undefined : textAt(kubeadm.value, 'clusterName');
  return name !== undefined && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)
    ? { text: `  name: ${scalar(name)}`, from: `clusterName in ${kubeadm?.from}` }
    : { text: '  name: cluster' };
}

function versionLines({ nodes }: Facts): Line[] {
  for (const { name, value } of nodes) {
    const version = textAt(value, 'status', 'nodeInfo', 'kubeletVersion') ?? '';
    const [, minor] = /^v?1\.(\d+)/.exec(version) ?? [];
    if (minor !== undefined)
      return [{ text: `  kubernetesVersion: "1.${minor}"`, from: `the kubelet of ${name} is ${version}` }];
  }
  return [];
}

const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];

function nodeLines({ name, value, labels }: Manifest): Line[] {
  const addresses = itemsAt(value, 'status', 'addresses').flatMap((each) => {
    const address = textAt(each, 'type') === 'InternalIP' ? textAt(each, 'address') : undefined;
    return address !== undefined && isAddress(address) ? [address] : [];
  });
  const ranges = (
    valueAt(value, 'spec', 'podCIDRs') === undefined
      ? [textAt(value, 'spec', 'podCIDR') ?? '']
      : textsOf(valueAt(value, 'spec', 'podCIDRs'))
  ).filter((each) => canonicalRange(each) !== null);
  const zoneLabel = zoneLabels.find((each) => labels.has(each));
  const ready = itemsAt(value, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  const others = [...labels].filter(
    ([label]) => !zoneLabels.includes(label) && !label.startsWith('beta.kubernetes.io/') && label !== hostnameLabel,
  );
  const own = labels.get(hostnameLabel);
  const kept = own === undefined || own === name ? others : [...others, [hostnameLabel, own] as const];
  return [
    { text: `    - name: ${scalar(name)}` },
    ...(addresses.length === 0 ? [] : [{ text: `      address: ${scalar(addresses.join(','))}`, from: 'InternalIP' }]),
    ...(zoneLabel === undefined
      ? []
      : [{ text: `      zone: ${scalar(labels.get(zoneLabel) ?? '')}`, from: `label ${zoneLabel}` }]),
    ...(ranges.length === 0 ? [] : [{ text: `      podCIDR: ${scalar(ranges.join(','))}`, from: 'spec.podCIDRs' }]),
    ...(ready === undefined || textAt(ready, 'status') === 'True'
      ? []
      : [{ text: '      ready: false', from: `condition Ready is ${textAt(ready, 'status') ?? 'not said'}` }]),
    ...(kept.length === 0
      ? []
      : [
          { text: '      labels:' },
          ...kept.map(([label, text]) => ({ text: `        ${scalar(label)}: ${scalar(text)}` })),
        ]),
  ];
}

/** The profile gives each node this label by its name. */
const hostnameLabel = 'kubernetes.io/hostname';

/** Networks that stand in kube-proxy's place where nobody runs it. */
function proxyLines({ proxy, daemonSets }: Facts): Line[] {
  const isRun = proxy !== null || daemonSets.some(({ name }) => name === 'kube-proxy');
  const cilium = daemonSets.find(({ name }) => name === 'cilium' || name === 'anetd');
  if (!isRun && cilium !== undefined)
    return [
      { text: '  kubeProxy:' },
      { text: '    mode: cilium', from: `guessed: DaemonSet ${cilium.name} runs, and no kube-proxy` },
    ];
  if (proxy === null) return [];
  const { value, from } = proxy;
  const mode: ProxyMode | null = proxyModes.find((each) => each === textAt(value, 'mode')) ?? null;
  const detects = textAt(value, 'detectLocalMode');
  const detectLocal: DetectLocal | null = detectLocalModes.find((each) => each === detects) ?? null;
  // Source: cmd/kube-proxy/app/server_linux.go `getLocalDetectors`: without a range nothing is told apart.
  const detectsNone = (detects ?? 'ClusterCIDR') === 'ClusterCIDR' && (textAt(value, 'clusterCIDR') ?? '') === '';
  const settings = valueAt(value, mode === 'nftables' ? 'nftables' : 'iptables');
  const masquerades = settings === undefined ? undefined : booleanAt(settings, 'masqueradeAll');
  const localhost = booleanAt(value, 'iptables', 'localhostNodePorts');
  const addresses = textsOf(valueAt(value, 'nodePortAddresses')).filter(
    (each) => each === 'primary' || canonicalRange(each) !== null,
  );
  return [
    { text: '  kubeProxy:', from },
    { text: `    mode: ${mode ?? 'iptables'}`, ...(mode === null ? { from: 'where it says none' } : {}) },
    ...(detectsNone
      ? [{ text: '    detectLocal: none', from: 'it has no clusterCIDR to tell pods by' }]
      : detectLocal === null
        ? []
        : [{ text: `    detectLocal: ${detectLocal}` }]),
    ...(masquerades === true ? [{ text: '    masqueradeAll: true' }] : []),
    ...(localhost === false ? [{ text: '    localhostNodePorts: false' }] : []),
    ...(addresses.length === 0 ? [] : [{ text: `    nodePortAddresses: [${addresses.map(scalar).join(', ')}]` }]),
  ];
}

function podNetworkLines({ proxy, kubeadm, daemonSets, nodes }: Facts): Line[] {
  const ranges = [
    ...(proxy === null ? [] : [{ text: textAt(proxy.value, 'clusterCIDR'), from: `clusterCIDR in ${proxy.from}` }]),
    ...(kubeadm === null
      ? []
      : [{ text: textAt(kubeadm.value, 'networking', 'podSubnet'), from: `podSubnet in ${kubeadm.from}` }]),
  ];
  const range = ranges.find(({ text }) => isRanges(text));
  const network = networks.find(({ isOf }) => daemonSets.some(isOf));
  const shown = daemonSets.find((each) => network?.isOf(each) === true);
  const cni = network?.cni ?? (isK3s(nodes) ? 'flannel' : null);
  const guess = shown === undefined ? 'the kubelet is that of K3s' : daemonSetName(shown);
  const enforcer = enforcerShown({ daemonSets, nodes }, cni);
  const lines = [
    ...(range === undefined ? [] : [{ text: `    cidr: ${scalar(range.text ?? '')}`, from: range.from }]),
    ...(cni === null ? [] : [{ text: `    cni: ${cni}`, from: `guessed: ${guess}` }]),
    ...(enforcer === null ? [] : [{ text: `    policies: ${enforcer.policies}`, from: `guessed: ${enforcer.by}` }]),
    ...encapsulationLines(nodes, shown),
  ];
  return lines.length === 0 ? [] : [{ text: '  podNetwork:' }, ...lines];
}

/** How packets go from node to node, where Flannel's nodes or Calico's own DaemonSet say it. */
function encapsulationLines([node]: readonly Manifest[], shown: Manifest | undefined): Line[] {
  const backend = textAt(node?.value, 'metadata', 'annotations', flannelBackend);
  const ofFlannel = backend === 'host-gw' ? 'none' : encapsulations.find((each) => each === backend);
  if (ofFlannel !== undefined)
    return [{ text: `    encapsulation: ${ofFlannel}`, from: `${flannelBackend} of ${node?.name}` }];
  if (shown?.name !== 'calico-node') return [];
  const pool = (of: string): string | undefined =>
    textAt(containerVariable(shown, `CALICO_IPV4POOL_${of}`), 'value')?.toLowerCase();
  const modes = { ipip: pool('IPIP'), vxlan: pool('VXLAN') };
  const from = `CALICO_IPV4POOL_IPIP and _VXLAN of ${daemonSetName(shown)}`;
  if (modes.ipip === 'always') return [{ text: '    encapsulation: ipip', from }];
  if (modes.vxlan === 'always') return [{ text: '    encapsulation: vxlan', from }];
  return modes.ipip === 'never' && modes.vxlan === 'never' ? [{ text: '    encapsulation: none', from }] : [];
}

/** By which DaemonSet each network shows, the first that does. */
const networks: readonly { readonly cni: Cni; readonly isOf: (daemonSet: Manifest) => boolean }[] = [
  { cni: 'aws-vpc', isOf: ({ name }) => name === 'aws-node' },
  { cni: 'azure', isOf: ({ name }) => name === 'azure-cns' || name === 'azure-cni-networkmonitor' },
  { cni: 'gke-dataplane-v2', isOf: ({ name }) => name === 'anetd' },
  { cni: 'cilium', isOf: ({ name }) => name === 'cilium' },
  { cni: 'canal', isOf: ({ name }) => name === 'canal' || name === 'rke2-canal' },
  { cni: 'antrea', isOf: ({ name }) => name === 'antrea-agent' },
  { cni: 'ovn-kubernetes', isOf: ({ name }) => name === 'ovnkube-node' },
  { cni: 'weave', isOf: ({ name }) => name === 'weave-net' },
  { cni: 'kindnet', isOf: ({ name }) => name === 'kindnet' },
  { cni: 'flannel', isOf: ({ name }) => /^kube-flannel(?:-ds)?/.test(name) },
  { cni: 'calico', isOf: ({ name }) => name === 'calico-node' },
  { cni: 'kube-router', isOf: ({ name }) => name === 'kube-router' },
  { cni: 'kubenet', isOf: ({ name }) => name === 'kubenet' },
];

interface GuessedEnforcer {
  readonly policies: PolicyEnforcer;
  readonly by: string;
}

/** K3s runs kube-router's network policy controller in its own process, and Flannel. */
const builtIntoK3s: GuessedEnforcer = { policies: 'kube-router', by: 'K3s has its policy controller built in' };

function isK3s(nodes: readonly Manifest[]): boolean {
  return nodes.some(({ value }) => (textAt(value, 'status', 'nodeInfo', 'kubeletVersion') ?? '').includes('+k3s'));
}

/** Who enforces policies by what runs in a cluster, where that isn't who makes the pod network; null for nobody. */
export function enforcerShown(
  { daemonSets, nodes }: { readonly daemonSets: readonly Manifest[]; readonly nodes: readonly Manifest[] },
  cni: Cni | null,
): GuessedEnforcer | null {
  const isNetworkShown = networks.some(({ isOf }) => daemonSets.some(isOf));
  return !isNetworkShown && isK3s(nodes) ? builtIntoK3s : policyEnforcerOf(daemonSets, cni);
}

/** The same, but for what a kubelet has built in. */
function policyEnforcerOf(daemonSets: readonly Manifest[], cni: Cni | null): GuessedEnforcer | null {
  if (cni === null) return null;
  const ofCalico = daemonSets.find(({ name }) => name === 'calico-node');
  // Calico's own agent has its data plane in a variable of its container, where no FelixConfiguration sets it.
  const isEbpf = ofCalico !== undefined && textAt(containerVariable(ofCalico, 'FELIX_BPFENABLED'), 'value') === 'true';
  if (isEbpf) return { policies: 'calico-ebpf', by: `FELIX_BPFENABLED of ${daemonSetName(ofCalico)}` };
  if (cni === 'calico' || cni === 'canal') return null;
  if (ofCalico !== undefined) return { policies: 'calico', by: daemonSetName(ofCalico) };
  const own = enforcers.find((each) => each !== cni && daemonSets.some(({ name }) => name === each));
  if (own !== undefined) return { policies: own, by: `DaemonSet ${own}` };
  const aws = daemonSets.find(({ name }) => name === 'aws-node');
  return cni === 'aws-vpc' && aws !== undefined ? agentOf(aws) : null;
}

/** Those whose DaemonSet has their name. */
const enforcers = ['cilium', 'kube-router', 'kube-network-policies', 'azure-npm'] as const;

/** The VPC CNI's agent is a container beside it, and does nothing unless it is told to. */
function agentOf(awsNode: Manifest): GuessedEnforcer {
  const agent = containersOf(awsNode).find((each) =>
    /network-policy-agent|eks-nodeagent/.test(textAt(each, 'name') ?? ''),
  );
  const by = daemonSetName(awsNode);
  if (agent === undefined) return { policies: 'none', by: `${by} has no network policy agent` };
  const isOn = textsOf(valueAt(agent, 'args')).some((each) => /^--enable-network-policy(?:=true)?$/.test(each));
  return isOn
    ? { policies: 'aws-vpc', by: `--enable-network-policy of ${by}` }
    : { policies: 'none', by: `the network policy agent of ${by} isn't enabled` };
}

function containersOf({ value }: Manifest): readonly Value[] {
  return itemsAt(value, 'spec', 'template', 'spec', 'containers');
}

function containerVariable(daemonSet: Manifest, name: string): Value | undefined {
  return containersOf(daemonSet)
    .flatMap((each) => itemsAt(each, 'env'))
    .find((each) => textAt(each, 'name') === name);
}

function daemonSetName({ namespace, name }: Manifest): string {
  return `DaemonSet ${namespace ?? 'default'}/${name}`;
}

function serviceLines({ kubeadm, serviceRanges }: Facts): Line[] {
  const written = kubeadm === null ? undefined : textAt(kubeadm.value, 'networking', 'serviceSubnet');
  const domain = kubeadm === null ? undefined : textAt(kubeadm.value, 'networking', 'dnsDomain');
  const shown = serviceRanges.join(',');
  return [
    ...(isRanges(shown)
      ? [{ text: `  serviceCIDR: ${scalar(shown)}`, from: 'ServiceCIDR' }]
      : isRanges(written)
        ? [{ text: `  serviceCIDR: ${scalar(written ?? '')}`, from: `serviceSubnet in ${kubeadm?.from}` }]
        : []),
    ...(domain === undefined || domain === 'cluster.local'
      ? []
      : [{ text: `  clusterDomain: ${scalar(domain)}`, from: `dnsDomain in ${kubeadm?.from}` }]),
  ];
}

/** One range, or one of each family with a comma between. */
function isRanges(text: string | undefined): boolean {
  const ranges = text?.split(',') ?? [];
  return (
    ranges.length > 0 &&
    ranges.every((each) => canonicalRange(each) !== null) &&
    (ranges.length === 1 || (ranges.length === 2 && ranges.filter((each) => each.includes(':')).length === 1))
  );
}

/** Who makes load balancers, by what runs in the cluster, else by whose machines the nodes are. */
function balancerLines({ daemonSets, nodes }: Facts): Line[] {
  const klipper = daemonSets.find(({ name }) => name.startsWith('svclb-'));
  const speaker = daemonSets.find((each) => each.name.includes('speaker') && imagesOf(each).includes('metallb'));
  const [node] = nodes;
  const machine = node === undefined ? undefined : textAt(node.value, 'spec', 'providerID');
  const scheme = /^([a-z-]+):\/\//.exec(machine ?? '')?.[1];
  const cloud = scheme === undefined ? undefined : providers.get(scheme);
  const guess =
    klipper !== undefined
      ? { provider: 'klipper', by: `DaemonSet ${klipper.name}` }
      : speaker !== undefined
        ? { provider: 'metallb-l2', by: `DaemonSet ${speaker.name} is MetalLB's; metallb-bgp, if it announces by BGP` }
        : cloud === undefined
          ? null
          : { provider: cloud, by: `providerID of ${node?.name}` };
  return guess === null
    ? []
    : [{ text: '  loadBalancer:' }, { text: `    provider: ${guess.provider}`, from: `guessed: ${guess.by}` }];
}

/**
 * `providerID` of a Node, by its scheme, as each cloud's own controller manager writes it; who makes the balancer of a
 * Service that asks for none in particular.
 */
const providers: ReadonlyMap<string, string> = new Map([
  ['aws', 'aws-classic'],
  ['azure', 'azure'],
  ['gce', 'gce'],
  ['digitalocean', 'digitalocean'],
  ['hcloud', 'hetzner'],
  ['linode', 'linode'],
  ['openstack', 'openstack'],
  ['kind', 'cloud-provider-kind'],
]);

function imagesOf(daemonSet: Manifest): string {
  return containersOf(daemonSet)
    .flatMap((each) => textAt(each, 'image') ?? [])
    .join(' ');
}

function textsOf(value: Value | undefined): string[] {
  return value === undefined ? [] : itemsAt(value).flatMap((each) => textOf(each) ?? []);
}

/** A text as YAML takes it for that very text. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z/][\w./-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
