import { annotationOf, type Behaviour, healthNodePort, type LoadBalancerKind, type Probe } from './loadBalancerKind.ts';
import type { Service } from '../../cluster/service.ts';

const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';
const proxyProtocol = {
  name: `${prefix}proxy-protocol`,
  meaning: "`*` sends the client's address in a PROXY protocol header; the app must read it.",
};
const probe = (asks: string, everySeconds: number, failures: number): Probe => ({ asks, everySeconds, failures });

/** The classic Elastic Load Balancer: a proxy. */
export const awsClassic: LoadBalancerKind = {
  id: 'aws-classic',
  title: 'AWS Classic Load Balancer',
  signs: {
    annotation: (name) => name.startsWith(prefix),
    hostname: /\.elb\.amazonaws\.com(?:\.cn)?$/,
    providerID: /^aws:/,
  },
  behaviour: (service) => ({
    target: 'nodePort',
    source: 'balancer',
    proxyProtocol: annotationOf(service, proxyProtocol.name) === '*',
    nodes: 'all',
    reply: 'through',
    leavesOut: 'health-check',
    // A security group: kubernetes/cloud-provider-aws pkg/providers/v1/aws.go `EnsureLoadBalancer` (1.37).
    sourceRanges: 'balancer',
    health: { cluster: probe('TCP nodePort', 10, 6), local: probe(healthNodePort, 10, 6) },
  }),
  annotations: [
    proxyProtocol,
    { name: `${prefix}healthcheck-interval`, meaning: 'Seconds between two health checks (10).' },
    { name: `${prefix}healthcheck-unhealthy-threshold`, meaning: 'As many failures take a node out (6).' },
  ],
  sources: [
    'https://cloud-provider-aws.sigs.k8s.io/service_controller/',
    'https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/x-forwarded-headers.html',
  ],
};

function attributes(service: Service): ReadonlyMap<string, string> {
  return new Map(
    (annotationOf(service, `${prefix}target-group-attributes`) ?? '').split(',').flatMap((each) => {
      const [name, value] = each.split('=').map((part) => part.trim());
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function nlb(target: 'nodePort' | 'pod', keepsByDefault: boolean): (service: Service) => Behaviour {
  return (service) => {
    const set = attributes(service);
    const keeps = set.get('preserve_client_ip.enabled');
    return {
      target,
      // One target group, of IPv6 as soon as the Service has it: pkg/service/model_build_target_group.go (3.5).
      podFamily: service.ipFamilies.includes('IPv6') ? 'IPv6' : 'IPv4',
      source: (
        keeps === undefined
          ? keepsByDefault || service.ports.every(({ protocol }) => protocol === 'UDP')
          : keeps === 'true'
      )
        ? 'client'
        : 'balancer',
      proxyProtocol:
        set.get('proxy_protocol_v2.enabled') === 'true' || annotationOf(service, proxyProtocol.name) === '*',
      nodes: 'all',
      reply: 'through',
      leavesOut: 'health-check',
      // Its security group: kubernetes-sigs/aws-load-balancer-controller pkg/service/model_build_managed_sg.go (3.5);
      // without one, the nodes': kubernetes/cloud-provider-aws pkg/providers/v1/aws.go `EnsureLoadBalancer` (1.37).
      sourceRanges: 'balancer',
      health: {
        cluster: probe(target === 'pod' ? 'TCP of the pod' : 'TCP nodePort', 10, 3),
        local: probe(target === 'pod' ? 'TCP of the pod' : healthNodePort, 10, 3),
      },
    };
  };
}

const nlbAnnotations = [
  proxyProtocol,
  { name: `${prefix}type`, meaning: '`nlb` or `external` asks for a Network Load Balancer.' },
  { name: `${prefix}nlb-target-type`, meaning: '`instance` sends to nodePorts, `ip` straight to pods.' },
  {
    name: `${prefix}target-group-attributes`,
    meaning: '`preserve_client_ip.enabled` and `proxy_protocol_v2.enabled`, with commas between.',
  },
];
const nlbSources = [
  'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/',
  'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html',
];
const isNlb = (value: string): boolean => ['nlb', 'external', 'nlb-ip'].includes(value);

/** Instances as targets keep the client's address by default. */
export const awsNlb: LoadBalancerKind = {
  id: 'aws-nlb',
  title: 'AWS Network Load Balancer, instance targets',
  signs: {
    annotation: (name, value) => name === `${prefix}type` && isNlb(value),
    loadBalancerClass: /^service\.k8s\.aws\/nlb$/,
  },
  behaviour: nlb('nodePort', true),
  annotations: nlbAnnotations,
  sources: nlbSources,
};

/** Addresses as targets don't, but for UDP. */
export const awsNlbIp: LoadBalancerKind = {
  id: 'aws-nlb-ip',
  title: 'AWS Network Load Balancer, ip targets',
  signs: {
    annotation: (name, value) =>
      (name === `${prefix}nlb-target-type` && value === 'ip') || (name === `${prefix}type` && value === 'nlb-ip'),
  },
  behaviour: nlb('pod', false),
  annotations: nlbAnnotations,
  sources: nlbSources,
};
