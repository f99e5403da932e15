import { describe, expect, test } from 'vitest';
import { isProfile, readProfile } from '../shared/cluster/profile.ts';
import { profileFromCluster } from '../shared/insight/profileFromCluster.ts';
import { providerProblem } from '../shared/insight/providerProblem.ts';
import { parseFile } from '../shared/manifest/parseFile.ts';

/** The profile, which must read back without a problem; or why there is none. */
function made(printed: string): string {
  const answer = profileFromCluster(printed);
  if (answer.kind === 'nothing') return answer.message;
  const file = parseFile('hoplens.yaml', answer.text);
  const manifest = file.manifests.find(isProfile);
  expect(file.hasProblems).toBe(false);
  if (manifest === undefined) throw new Error(answer.text);
  const { profile, problems } = readProfile(manifest);
  expect([...problems, ...providerProblem(manifest, profile)].map(({ message }) => message)).toEqual([]);
  return answer.text;
}

const node = (name: string, more = ''): string => `
  - apiVersion: v1
    kind: Node
    metadata:
      name: ${name}
      labels: { kubernetes.io/os: linux, beta.kubernetes.io/os: linux, topology.kubernetes.io/zone: eu-1a }
    spec: { podCIDR: 10.244.0.0/24, podCIDRs: [10.244.0.0/24] }
    status:
      addresses: [{ type: InternalIP, address: 10.0.0.1 }, { type: ExternalIP, address: 198.51.100.1 }]
      conditions: [{ type: Ready, status: "True" }]
      nodeInfo: { kubeletVersion: v1.31.2 }
${more}`;

const daemonSet = (name: string, image = name, more: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: 'kube-system' },
  spec: { template: { spec: { containers: [{ name: image, image, ...more }] } } },
});

test('nodes, and two outputs pasted one behind the other, with the prompt', () => {
  expect(
    made(`$ kubectl get nodes,daemonsets -A -o yaml
apiVersion: v1
items:${node('a')}
kind: List
$ kubectl get configmaps -n kube-system kube-proxy kubeadm-config -o yaml
apiVersion: v1
items:
- apiVersion: v1
  data:
    config.conf: |-
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      clusterCIDR: 10.244.0.0/16
      mode: nftables
      nftables: { masqueradeAll: true }
      nodePortAddresses: [primary]
    kubeconfig.conf: |-
      apiVersion: v1
      kind: Config
  kind: ConfigMap
  metadata: { name: kube-proxy, namespace: kube-system }
- apiVersion: v1
  data:
    ClusterConfiguration: |
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      clusterName: prod
      networking: { dnsDomain: prod.local, podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/16 }
  kind: ConfigMap
  metadata: { name: kubeadm-config, namespace: kube-system }
kind: List
`),
  ).toMatchInlineSnapshot(`
    "# Made of what kubectl printed. Where each line comes from stands behind it; look at what is guessed.
    apiVersion: hoplens.dev/v1alpha1
    kind: ClusterProfile
    metadata:
      name: prod # clusterName in ConfigMap kube-system/kubeadm-config
    spec:
      kubernetesVersion: "1.31" # the kubelet of a is v1.31.2
      nodes: # kubectl get nodes
        - name: a
          address: "10.0.0.1" # InternalIP
          zone: eu-1a # label topology.kubernetes.io/zone
          podCIDR: "10.244.0.0/24" # spec.podCIDRs
          labels:
            kubernetes.io/os: linux
      kubeProxy: # ConfigMap kube-system/kube-proxy
        mode: nftables
        masqueradeAll: true
        nodePortAddresses: [primary]
      podNetwork:
        cidr: "10.244.0.0/16" # clusterCIDR in ConfigMap kube-system/kube-proxy
      serviceCIDR: "10.96.0.0/16" # serviceSubnet in ConfigMap kube-system/kubeadm-config
      clusterDomain: prod.local # dnsDomain in ConfigMap kube-system/kubeadm-config
    "
  `);
});

/** What a cluster of one node and these objects is taken for. */
function guessed(...objects: readonly object[]): string[] {
  const items = [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } }, ...objects];
  return made(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2))
    .split('\n')
    .flatMap((line) => /^ +((?:cni|mode|provider|policies|encapsulation): .*)$/.exec(line)?.[1] ?? []);
}

const machine = (providerID: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: '0' },
  spec: { providerID },
});

describe('what runs in it tells', () => {
  test.each<[string, readonly object[], readonly unknown[]]>([
    ['nothing', [], []],
    ['Calico', [daemonSet('calico-node')], ['cni: calico # guessed: DaemonSet kube-system/calico-node']],
    [
      'Calico, and how it sends from node to node',
      [
        daemonSet('calico-node', 'calico-node', {
          env: [
            { name: 'CALICO_IPV4POOL_IPIP', value: 'Always' },
            { name: 'CALICO_IPV4POOL_VXLAN', value: 'Never' },
          ],
        }),
      ],
      [
        'cni: calico # guessed: DaemonSet kube-system/calico-node',
        'encapsulation: ipip # CALICO_IPV4POOL_IPIP and _VXLAN of DaemonSet kube-system/calico-node',
      ],
    ],
    ['Canal', [daemonSet('canal')], ['cni: canal # guessed: DaemonSet kube-system/canal']],
    ['kindnet', [daemonSet('kindnet')], ['cni: kindnet # guessed: DaemonSet kube-system/kindnet']],
    ['Antrea', [daemonSet('antrea-agent')], ['cni: antrea # guessed: DaemonSet kube-system/antrea-agent']],
    [
      'OVN-Kubernetes',
      [daemonSet('ovnkube-node')],
      ['cni: ovn-kubernetes # guessed: DaemonSet kube-system/ovnkube-node'],
    ],
    ['kube-router', [daemonSet('kube-router')], ['cni: kube-router # guessed: DaemonSet kube-system/kube-router']],
    ['Weave Net', [daemonSet('weave-net')], ['cni: weave # guessed: DaemonSet kube-system/weave-net']],
    [
      'Dataplane V2 of GKE',
      [daemonSet('anetd')],
      [
        'mode: cilium # guessed: DaemonSet anetd runs, and no kube-proxy',
        'cni: gke-dataplane-v2 # guessed: DaemonSet kube-system/anetd',
      ],
    ],
    [
      'Azure with its policy manager',
      [daemonSet('azure-cns'), daemonSet('azure-npm')],
      ['cni: azure # guessed: DaemonSet kube-system/azure-cns', 'policies: azure-npm # guessed: DaemonSet azure-npm'],
    ],
    [
      'Flannel with the policies of kube-router',
      [daemonSet('kube-flannel-ds'), daemonSet('kube-router')],
      [
        'cni: flannel # guessed: DaemonSet kube-system/kube-flannel-ds',
        'policies: kube-router # guessed: DaemonSet kube-router',
      ],
    ],
    [
      'Calico with its eBPF data plane',
      [daemonSet('calico-node', 'x', { env: [{ name: 'FELIX_BPFENABLED', value: 'true' }] })],
      [
        'cni: calico # guessed: DaemonSet kube-system/calico-node',
        'policies: calico-ebpf # guessed: FELIX_BPFENABLED of DaemonSet kube-system/calico-node',
      ],
    ],
    [
      'Cilium in the place of kube-proxy',
      [daemonSet('cilium')],
      [
        'mode: cilium # guessed: DaemonSet cilium runs, and no kube-proxy',
        'cni: cilium # guessed: DaemonSet kube-system/cilium',
      ],
    ],
    [
      'Cilium beside it',
      [daemonSet('cilium'), daemonSet('kube-proxy')],
      ['cni: cilium # guessed: DaemonSet kube-system/cilium'],
    ],
    [
      'the VPC network of AWS, without its agent',
      [daemonSet('aws-node')],
      [
        'cni: aws-vpc # guessed: DaemonSet kube-system/aws-node',
        'policies: none # guessed: DaemonSet kube-system/aws-node has no network policy agent',
      ],
    ],
    ...(['true', 'false'] as const).map((isOn): [string, readonly object[], readonly unknown[]] => [
      `with its agent, enabled: ${isOn}`,
      [daemonSet('aws-node', 'aws-eks-nodeagent', { args: [`--enable-network-policy=${isOn}`] })],
      [
        'cni: aws-vpc # guessed: DaemonSet kube-system/aws-node',
        isOn === 'true'
          ? 'policies: aws-vpc # guessed: --enable-network-policy of DaemonSet kube-system/aws-node'
          : "policies: none # guessed: the network policy agent of DaemonSet kube-system/aws-node isn't enabled",
      ],
    ]),
    [
      'with Calico',
      [daemonSet('aws-node'), daemonSet('calico-node')],
      [
        'cni: aws-vpc # guessed: DaemonSet kube-system/aws-node',
        'policies: calico # guessed: DaemonSet kube-system/calico-node',
      ],
    ],
    [
      'K3s by its kubelet',
      [{ ...machine('k3s://a'), status: { nodeInfo: { kubeletVersion: 'v1.33.1+k3s1' } } }],
      [
        'cni: flannel # guessed: the kubelet is that of K3s',
        'policies: kube-router # guessed: K3s has its policy controller built in',
      ],
    ],
    ['K3s', [daemonSet('svclb-traefik-1')], ['provider: klipper # guessed: DaemonSet svclb-traefik-1']],
    [
      'MetalLB',
      [daemonSet('speaker', 'quay.io/metallb/speaker:v0.15')],
      [expect.stringMatching(/^provider: metallb-l2/)],
    ],
  ])('%s', (_, objects, wanted) => expect(guessed(...objects)).toEqual(wanted));

  test.each([
    ['aws:///eu-1a/i-1', ['provider: aws-classic # guessed: providerID of 0']],
    ['gce://p/z/i', ['provider: gce # guessed: providerID of 0']],
    ['somebody://else', []],
  ])('%s', (id, wanted) => {
    const printed = JSON.stringify(machine(id));
    expect(
      made(printed)
        .split('\n')
        .flatMap((line) => /^ +(provider: .*)$/.exec(line)?.[1] ?? []),
    ).toEqual(wanted);
  });
});

test.each([
  [
    'not ready',
    '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"},' +
      '"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}',
    /ready: false # condition Ready is Unknown/,
  ],
  [
    'a name that YAML would take for a number',
    '{"apiVersion":"v1","kind":"Node","metadata":{"name":"10"}}',
    /- name: "10"/,
  ],
  [
    'what breaks out of a line',
    JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a\nspec: 1', labels: { 'x\n': '#' } } }),
    /- name: "a\\nspec: 1"/,
  ],
  ['nothing', '', /^No Kubernetes object is in this text: paste what kubectl get nodes/],
  ['words', 'error: You must be logged in to the server', /^No Kubernetes object is in this text/],
  ['a table', 'NAME   STATUS   ROLES\na      Ready    <none>', /^This table has no addresses: paste what kubectl/],
  [
    'a prompt of its own, and a warning before JSON',
    'me@host:~$ k get no -o json\nWarning: v1 is old\n' +
      '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"}}\nme@host:~$ ',
    /- name: a/,
  ],
  [
    'an error between two outputs',
    'apiVersion: v1\nkind: Node\nmetadata:\n  name: a\n' +
      'Error from server (NotFound): configmaps "kubeadm-config" not found\n' +
      '{"apiVersion":"v1","kind":"Node","metadata":{"name":"b"}}',
    /- name: a\n.*- name: b/s,
  ],
  [
    'something else',
    'apiVersion: v1\nkind: Pod\nmetadata: { name: a }',
    /^There is no Node in this text, only Pod: paste/,
  ],
])('%s', (_, printed, wanted) => expect(made(printed)).toMatch(wanted));
