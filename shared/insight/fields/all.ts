import { endpointsOfAllFamilies, selectedPods } from '../../cluster/lookups.ts';
import { targetPortOn } from '../../cluster/endpoints.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { entryOf } from '../../network/wayIn.ts';
import { type TrafficField, plain, said } from './trafficField.ts';
import { clusterNetworkPolicyFields } from './clusterNetworkPolicy.ts';
import { externalTrafficPolicy } from './externalTrafficPolicy.ts';
import { gatewayFields } from './gatewayApi.ts';
import { loadBalancerAnnotations } from './loadBalancerAnnotations.ts';
import { networkPolicyFields } from './networkPolicy.ts';

const service = 'https://kubernetes.io/docs/concepts/services-networking/service/';
const virtualIPs = 'https://kubernetes.io/docs/reference/networking/virtual-ips/';
const ingress = 'https://kubernetes.io/docs/concepts/services-networking/ingress/';

/** Every traffic field that a hover explains. */
export const fields: readonly TrafficField[] = [
  externalTrafficPolicy,
  said('Service', ['spec', 'internalTrafficPolicy'], `${virtualIPs}#internal-traffic-policy`, ({ service: own }) =>
    own?.internalTrafficPolicy === 'Local'
      ? 'Pods reach only the endpoints on their own node; on a node without one, their packets are dropped.'
      : 'Pods reach every endpoint, each equally often. Under `Local` they would reach only those on their own node.',
  ),
  said(
    'Service',
    ['spec', 'type'],
    `${service}#publishing-services-service-types`,
    ({ service: own }) =>
      ({
        ClusterIP: 'Reachable from inside the cluster alone, by its cluster address.',
        NodePort: 'Reachable on a port of every node, and from inside by its cluster address.',
        LoadBalancer:
          'A load balancer of its own in front, then (mostly) a nodePort, then the pods. It can do no virtual ' +
          'hosts, paths or TLS: for those, an Ingress.',
        ExternalName: "An alias in the cluster's DNS. No address, no ports, nothing is forwarded.",
      })[own?.type ?? 'ClusterIP'],
  ),
  said('Service', ['spec', 'selector'], `${service}#defining-a-service`, ({ service: own, model }) => {
    const pods = own === null ? [] : selectedPods(model, own);
    return pods.length === 0
      ? 'Selects no pod of this manifest set.'
      : `Selects ${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}: ${pods
          .slice(0, 5)
          .map(({ name, node }) => `${plain(name)} on ${plain(node)}`)
          .join(', ')}${pods.length > 5 ? ', …' : ''}.`;
  }),
  said(
    'Service',
    ['spec', 'ports', '*', 'targetPort'],
    `${service}#field-spec-ports`,
    ({ service: own, model, at }) => {
      const port = own?.ports[Number(at[2])];
      if (own === null || port === undefined) return '';
      const offering = selectedPods(model, own).filter((pod) => targetPortOn(pod, port) !== null);
      const numbers = [...new Set(offering.map((pod) => targetPortOn(pod, port)))].join(', ');
      return offering.length === 0
        ? 'No selected pod offers it.'
        : `Port ${numbers} on ${offering.length} selected ${offering.length === 1 ? 'pod' : 'pods'}.`;
    },
  ),
  said('Service', ['spec', 'ports', '*', 'port'], `${service}#field-spec-ports`, ({ service: own, model, at }) => {
    const port = own?.ports[Number(at[2])];
    if (own === null || port === undefined) return '';
    // A pod is one endpoint, also where it has an address of each family.
    const count = new Set(endpointsOfAllFamilies(model, own, port).map(({ podName, address }) => podName ?? address))
      .size;
    return (
      `A port of the cluster address (and of the load balancer), not of any node. ${count} ` +
      `${count === 1 ? 'endpoint' : 'endpoints'} behind it.`
    );
  }),
  said(
    'Service',
    ['spec', 'ports', '*', 'nodePort'],
    `${service}#type-nodeport`,
    ({ model }) =>
      `Taken on every node (${model.nodes.length} here). The range is ` +
      `${model.profile.nodePortRange.from}-${model.profile.nodePortRange.to}; the API server refuses others.`,
  ),
  said('Service', ['spec', 'clusterIP'], `${service}#headless-services`, ({ service: own }) =>
    own?.headless === true
      ? "Headless: its name stands for the pods' own addresses, and kube-proxy does nothing."
      : 'A virtual address: nobody has it; kube-proxy on each node rewrites it to a ' +
        "pod's. No network outside the cluster leads there.",
  ),
  said('Service', ['spec', 'sessionAffinity'], `${virtualIPs}#session-affinity`, ({ service: own }) =>
    own?.clientIPAffinitySeconds == null
      ? 'Each connection picks its endpoint anew.'
      : `A client address keeps its endpoint for ${own.clientIPAffinitySeconds} seconds after its last connection. ` +
        'Where the source was masqueraded before, all clients behind it count as one.',
  ),
  said('Service', ['spec', 'loadBalancerSourceRanges'], `${service}#aws-nlb-support`, ({ service: own, model }) => {
    if (own === null) return '';
    const { kind, behaviour } = kindOf(model, own);
    switch (behaviour.sourceRanges) {
      case 'balancer':
        return `${kind.title} lets in these sources and nobody else.`;
      case 'kube-proxy':
        return (
          "kube-proxy drops other sources at the load balancer's address (KUBE-PROXY-FIREWALL); " +
          'of a family that has no range, everybody gets in.'
        );
      case 'nobody':
        return `${kind.title} doesn't look at this field: everybody gets in.`;
      case 'assumed':
        return (
          'Only these sources pass, if the load balancer obeys the field: some ignore it. ' +
          "kube-proxy filters what still has the load balancer's address."
        );
      default:
        return behaviour.sourceRanges satisfies never;
    }
  }),
  said(
    'Service',
    ['spec', 'healthCheckNodePort'],
    `${virtualIPs}#external-traffic-policy`,
    () =>
      'Under `externalTrafficPolicy: Local`, the load balancer asks each node here: 200 where it runs a ready ' +
      'pod of the Service, else 503.',
  ),
  said(
    'Service',
    ['spec', 'externalIPs'],
    `${service}#external-ips`,
    () =>
      'Packets that reach any node with one of these destinations are the ' +
      "Service's. Somebody else must route them to the nodes.",
  ),
  said(
    'Service',
    ['spec', 'publishNotReadyAddresses'],
    `${service}#headless-services`,
    () => 'Pods count as endpoints before they are ready.',
  ),
  said(
    'Service',
    ['spec', 'allocateLoadBalancerNodePorts'],
    `${service}#load-balancer-nodeport-allocation`,
    () =>
      'With `false` there are no nodePorts: only a load balancer that sends to ' +
      'pods, or to nodes by its own address, can work.',
  ),
  said(
    'Service',
    ['spec', 'externalName'],
    `${service}#externalname`,
    () => "The name that the cluster's DNS answers with. HTTP clients still send the old name as Host.",
  ),
  said('Ingress', ['spec', 'ingressClassName'], `${ingress}#ingress-class`, ({ ingress: own, model }) => {
    if (own === null) return '';
    const { way, assumption } = entryOf(model, own);
    if (assumption !== null) return `Picks the controller. ${plain(assumption.text)}.`;
    switch (way.kind) {
      case 'unserved':
        return 'No controller here serves this class.';
      case 'cloud':
        return `${way.product}: a load balancer outside the cluster is the controller itself.`;
      case 'service':
        return `Served by the controller behind Service ${plain(way.service.name)} (${way.service.type}).`;
      case 'manual':
        return `Served by the controller behind load balancer ${plain(way.balancer.name)}.`;
      case 'nodes':
        return "Served by a controller straight on its nodes' ports.";
      case 'none':
        return 'A controller serves it, and nothing here leads to that from outside.';
      default:
        return way satisfies never;
    }
  }),
  said(
    'Ingress',
    ['spec', 'rules', '*', 'host'],
    `${ingress}#hostname-wildcards`,
    () =>
      "Compared with the request's Host, without regard to case. `*.` stands for exactly one label; an exact " +
      'host wins over a wildcard, a wildcard over none.',
  ),
  said(
    'Ingress',
    ['spec', 'rules', '*', 'http', 'paths', '*', 'pathType'],
    `${ingress}#path-types`,
    ({ ingress: own, at }) => {
      const rule = own?.rules.find((each) => JSON.stringify(each.at) === JSON.stringify(at.slice(0, -1)));
      if (rule?.pathType === 'Exact')
        return `Takes ${plain(rule.path)} and nothing else, not even with a slash behind it.`;
      if (rule?.pathType === 'Prefix')
        return (
          `Takes ${plain(rule.path)} and what lies under it, element by element: /foo takes /foo/bar, not /foobar. ` +
          'The longest match wins, Exact before Prefix.'
        );
      return 'Left to the controller: mostly a prefix, or a regular expression.';
    },
  ),
  said(
    'Pod',
    ['containers', '*', 'ports', '*', 'hostPort'],
    'https://kubernetes.io/docs/concepts/configuration/overview/#services',
    () => 'Taken only on the nodes that run such a pod, and straight to the container.',
  ),
  said(
    'Pod',
    ['hostNetwork'],
    'https://kubernetes.io/docs/concepts/workloads/pods/#pod-os',
    () => "The pod has its node's own address; its ports are the node's, and nothing is rewritten on the way.",
  ),
  ...gatewayFields,
  ...loadBalancerAnnotations,
  ...networkPolicyFields,
  ...clusterNetworkPolicyFields,
];
