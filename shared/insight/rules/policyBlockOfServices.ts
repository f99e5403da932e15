import { canonicalRange, hostRange, isRangeIn } from '../../cluster/address.ts';
import { servicesAsking, writtenServiceRanges } from '../../cluster/clusterIPs.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { type Field, fieldOf } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { cacheAddressesIn } from '../../network/policy/dnsGate.ts';
import { theObject } from '../related.ts';
import { rule, type Yielded } from '../rule.ts';

/**
 * What asks a Service comes to its pods: their addresses are what the gate of the sender sees, behind kube-proxy, with
 * most plug-ins, and nobody sends from a Service's.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/, "Cluster ingress and egress
 * mechanisms often require rewriting the source or destination IP of packets".
 */
export const policyBlockOfServices = rule({
  id: 'policy-block-of-services',
  topic: 'policies',
  severity: 'warning',
  meaning: "The entry lets nothing through: packets carry pods' addresses at a pod's gate, never a Service's.",
  remedy: "Select the Service's pods by their labels; for the API server, write the addresses of its endpoints.",
  details:
    "Said of a range that lies within the Services' range, or is the address that a Service asks for. Where nothing " +
    "says the Services' range it is an info, and only of the usual range, or the addresses of `kubernetes` and " +
    '`kube-dns` in it. On the way out it keeps silent where the network plug-in sees the address that was asked for ' +
    "(the AWS VPC CNI), and of an address that a node's own DNS cache has.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  about: 'NetworkPolicy',
  *check({ manifest, name, ingress, egress, isolates }, { model }): Generator<Yielded> {
    const { enforces, egressSees } = chosenPlugin(model.profile).plugin;
    if (!enforces.includes('NetworkPolicy')) return;
    const rules = [
      ...(isolates.ingress ? ingress : []),
      ...(isolates.egress && egressSees !== 'service' ? egress : []),
    ];
    const peers = rules.flatMap((each) => each.peers ?? []);
    const own = cacheAddressesIn(model).map(hostRange);
    for (const peer of peers) {
      const found = peer.kind === 'addresses' ? serviceAddress(model, peer.range) : null;
      if (peer.kind !== 'addresses' || found === null || own.includes(peer.range)) continue;
      const { what, isSure, related } = found;
      yield {
        severity: isSure ? 'warning' : 'info',
        message:
          `NetworkPolicy ${name} lets through ${peer.range}, ${what}: packets to a Service carry a pod's address by ` +
          `the time a policy is asked, so this lets through ${isSure ? 'nothing' : 'nothing then'}.`,
        at: fieldOf(manifest, ...peer.at, 'ipBlock', 'cidr'),
        related,
      };
    }
  },
  bad: {
    says: "lets through 10.96.7.7/32, the address of Service web: packets to a Service carry a pod's address",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client }
spec:
  podSelector: { matchLabels: { app: client } }
  policyTypes: [Egress]
  egress: [{ to: [{ ipBlock: { cidr: 10.96.7.7/32 } }] }]
                                     ~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.7.7, selector: { app: web }, ports: [{ port: 80 }] }
`,
  },
  also: [
    {
      says: "the address that Service kubernetes has where Services' range is 10.96.0.0/12, as it usually is",
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client }
spec:
  podSelector: { matchLabels: { app: client } }
  policyTypes: [Egress]
  egress: [{ to: [{ ipBlock: { cidr: 10.96.0.1/32 } }] }]
                                     ~~~~~~~~~~~~
`,
    },
  ],
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client }
spec:
  podSelector: { matchLabels: { app: client } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: web } } }, { ipBlock: { cidr: 10.0.0.0/8 } }] }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.7.7, selector: { app: web }, ports: [{ port: 80 }] }
`,
});

interface ServiceAddress {
  readonly what: string;
  readonly isSure: boolean;
  readonly related: readonly { readonly message: string; readonly at: Field }[];
}

/** What a range has to do with Services' addresses; null where it is none of them. */
function serviceAddress(model: ClusterModel, range: string): ServiceAddress | null {
  const canonical = canonicalRange(range) ?? '';
  const [address = '', length = ''] = canonical.split('/');
  const [asking] = length === '32' || length === '128' ? servicesAsking(model, address) : [];
  if (asking !== undefined)
    return { what: `the address of Service ${asking.name}`, isSure: true, related: [theObject(asking)] };
  const written = writtenServiceRanges(model)?.all;
  if (written === undefined) {
    const usual = usualAddresses.get(canonical);
    return usual === undefined ? null : { what: usual, isSure: false, related: [] };
  }
  const around = written.find((each) => isRangeIn(canonical, each));
  return around === undefined ? null : { what: `of Services' range ${around}`, isSure: true, related: [] };
}

const where = "where Services' range is 10.96.0.0/12, as it usually is";

/** Source: kubeadm's defaults, kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta4/defaults.go. */
const usualAddresses: ReadonlyMap<string, string> = new Map([
  ['10.96.0.0/12', "the range that Services' addresses usually are of"],
  ['10.96.0.1/32', `the address that Service kubernetes has ${where}`],
  ['10.96.0.10/32', `the address that Service kube-dns has ${where}`],
]);
