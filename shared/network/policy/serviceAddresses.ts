import { hostRange } from '../../cluster/address.ts';
import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { selectedPods } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Service } from '../../cluster/service.ts';
import { selectsNamespace } from './peer.ts';

/**
 * What a gate that sees Services' own addresses makes of rules for pods. A program at the pod's veth meets a packet
 * before its endpoint is chosen, so the controller of the AWS VPC CNI adds the cluster address of each Service whose
 * `spec.selector`, taken as labels, the peer's podSelector matches; a port becomes the Service's that leads to it. An
 * `ipBlock` and a rule for anybody stay as they are: they mean the Service's port, and no name.
 * Source: aws/amazon-network-policy-controller-k8s pkg/resolvers/endpoints.go (getMatchingServiceClusterIPs,
 * getMatchingServicePort, convertToPolicyInfoPortForCIDRs), pkg/k8s/service_utils.go, 03e22b5.
 */
export function atServiceAddress(model: ClusterModel, address: string, policy: NetworkPolicy): NetworkPolicy {
  const [service] = servicesAt(model).get(address);
  return { ...policy, egress: policy.egress.flatMap((rule) => rulesAt(model, rule, { service, address, policy })) };
}

const servicesAt = indexOfModel(
  ({ services }) => services,
  ({ clusterIPs }: Service) => clusterIPs,
);

function rulesAt(
  model: ClusterModel,
  rule: PolicyRule,
  {
    service,
    address,
    policy,
  }: { readonly service: Service | undefined; readonly address: string; readonly policy: NetworkPolicy },
): PolicyRule[] {
  const numbered = rule.ports?.filter(({ port }) => typeof port !== 'string') ?? null;
  if (rule.peers === null) return [{ ...rule, ports: numbered }];
  const blocks = rule.peers.filter(({ kind }) => kind === 'addresses');
  // Of pods on nodes' networks, which have no other address.
  const pods = rule.peers.filter(({ kind }) => kind === 'pods');
  const means = rule.peers.find((each) => service !== undefined && meansService(model, each, service, policy));
  return [
    ...(blocks.length === 0 ? [] : [{ ...rule, peers: blocks, ports: numbered }]),
    ...(pods.length === 0 ? [] : [{ ...rule, peers: pods }]),
    ...(service === undefined || means === undefined
      ? []
      : [
          {
            ...rule,
            peers: [{ kind: 'addresses', range: hostRange(address), except: [], at: means.at } as const],
            ports: rule.ports?.flatMap((port) => servicePort(model, service, port)) ?? null,
          },
        ]),
  ];
}

function meansService(model: ClusterModel, peer: PolicyPeer, service: Service, { namespace }: NetworkPolicy): boolean {
  if (peer.kind === 'addresses' || service.headless) return false;
  const isThere =
    peer.namespaces === null
      ? service.namespace === namespace
      : selectsNamespace(model, peer.namespaces, service.namespace) === true;
  return isThere && matchesLabels(peer.pods, service.selector ?? new Map());
}

/** The Service's port that leads to a port of its pods; the end of a range stays as it is written. */
function servicePort(model: ClusterModel, service: Service, wanted: PolicyPort): PolicyPort[] {
  const { port, protocol } = wanted;
  if (port === null) return [wanted];
  const ofProtocol = service.ports.filter((each) => each.protocol === protocol);
  const direct = ofProtocol.find(({ targetPort }) => targetPort === port);
  if (direct !== undefined) return [{ ...wanted, port: direct.port }];
  const containerPorts = selectedPods(model, service).flatMap(({ containers }) =>
    containers.flatMap(({ ports }) =>
      ports.filter((each) => each.protocol === protocol && (each.port === port || each.name === port)),
    ),
  );
  const by = ofProtocol.find(({ targetPort }) =>
    containerPorts.some((each) => each.port === targetPort || each.name === targetPort),
  );
  return by === undefined ? [] : [{ ...wanted, port: by.port }];
}
