import type { Service } from '../../cluster/service.ts';
import { annotationOf, type Behaviour, healthNodePort, type LoadBalancerKind, type Probe } from './loadBalancerKind.ts';

/**
 * Hosted proxies of layer 4: they open a connection of their own to a nodePort,
 * and may say the client's address in a PROXY protocol header.
 */
export function proxy(
  proxyProtocol: (service: Service) => boolean,
  probe: { everySeconds: number; failures: number } | null,
  sourceRanges: 'balancer' | 'nobody',
): (service: Service) => Behaviour {
  const asked = (asks: string): Probe | null => (probe === null ? null : { asks, ...probe });
  return (service) => ({
    target: 'nodePort',
    source: 'balancer',
    proxyProtocol: proxyProtocol(service),
    nodes: 'all',
    reply: 'through',
    leavesOut: 'health-check',
    sourceRanges,
    health: { cluster: asked('TCP nodePort'), local: asked(healthNodePort) },
  });
}

function isTrue(name: string): (service: Service) => boolean {
  return (service) => annotationOf(service, name) === 'true';
}

const doPrefix = 'service.beta.kubernetes.io/do-loadbalancer-';
/** Its firewall takes the ranges: digitalocean/digitalocean-cloud-controller-manager pull request 731 (2024). */
export const digitalocean: LoadBalancerKind = {
  id: 'digitalocean',
  title: 'DigitalOcean Load Balancer',
  signs: { annotation: (name) => name.startsWith(doPrefix), providerID: /^digitalocean:/ },
  behaviour: proxy(isTrue(`${doPrefix}enable-proxy-protocol`), { everySeconds: 3, failures: 3 }, 'balancer'),
  annotations: [
    {
      name: `${doPrefix}enable-proxy-protocol`,
      meaning: "`true` sends the client's address in a PROXY protocol header.",
    },
  ],
  sources: [
    'https://github.com/digitalocean/digitalocean-cloud-controller-manager/blob/' +
      'master/docs/controllers/services/annotations.md',
  ],
};

/** It can't tell clients apart: hetznercloud/hcloud-cloud-controller-manager issue 218. */
export const hetzner: LoadBalancerKind = {
  id: 'hetzner',
  title: 'Hetzner Cloud Load Balancer',
  signs: { annotation: (name) => name.startsWith('load-balancer.hetzner.cloud/'), providerID: /^hcloud:/ },
  behaviour: proxy(
    isTrue('load-balancer.hetzner.cloud/uses-proxyprotocol'),
    { everySeconds: 15, failures: 3 },
    'nobody',
  ),
  annotations: [
    {
      name: 'load-balancer.hetzner.cloud/uses-proxyprotocol',
      meaning: "`true` sends the client's address in a PROXY protocol header.",
    },
  ],
  sources: [
    'https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/docs/reference/' +
      'load_balancer_annotations.md',
    'https://docs.hetzner.com/cloud/load-balancers/faq/',
  ],
};

const linodePrefix = 'service.beta.kubernetes.io/linode-loadbalancer-';
const linodeProxy = `${linodePrefix}default-proxy-protocol`;
/** The one of before, which is still read. */
const linodeOldProxy = `${linodePrefix}proxy-protocol`;
/** Who may ask stands in annotations of its own (`firewall-acl`); its controller never reads the field. */
export const linode: LoadBalancerKind = {
  id: 'linode',
  title: 'Linode NodeBalancer',
  signs: {
    annotation: (name) => name.startsWith(linodePrefix),
    providerID: /^linode:/,
  },
  behaviour: proxy(
    (service) =>
      ['v1', 'v2'].includes(annotationOf(service, linodeProxy) ?? annotationOf(service, linodeOldProxy) ?? ''),
    { everySeconds: 5, failures: 2 },
    'nobody',
  ),
  annotations: [{ name: linodeProxy, meaning: "`v1` or `v2` sends the client's address in a PROXY protocol header." }],
  sources: ['https://github.com/linode/linode-cloud-controller-manager/blob/main/docs/configuration/annotations.md'],
};

const octavia = proxy(
  (service) => !['', 'false'].includes(annotationOf(service, 'loadbalancer.openstack.org/proxy-protocol') ?? ''),
  null,
  // The listener's `allowed_cidrs`, of Octavia's API since 2.12.
  'balancer',
);
const octaviaMonitor = 'loadbalancer.openstack.org/enable-health-monitor';

/**
 * Nodes are only checked where an annotation asks for it, or the cloud controller's `create-monitor`,
 * which is off by default.
 */
export const openstack: LoadBalancerKind = {
  id: 'openstack',
  title: 'OpenStack Octavia',
  signs: {
    annotation: (name) =>
      name.startsWith('loadbalancer.openstack.org/') ||
      name === 'service.beta.kubernetes.io/openstack-internal-load-balancer',
    providerID: /^openstack:/,
  },
  behaviour: (service) => {
    if (annotationOf(service, octaviaMonitor) !== 'true') return { ...octavia(service), leavesOut: 'nothing' };
    return {
      ...octavia(service),
      health: {
        cluster: { asks: 'TCP nodePort', everySeconds: 5, failures: 3 },
        local: { asks: healthNodePort, everySeconds: 5, failures: 3 },
      },
    };
  },
  annotations: [
    {
      name: 'loadbalancer.openstack.org/proxy-protocol',
      meaning: "`true`, `v1` or `v2` sends the client's address in a PROXY protocol header.",
    },
    {
      name: octaviaMonitor,
      meaning:
        "`true` has nodes checked. Without it, and without `create-monitor` in the cloud controller's " +
        'configuration, policy Local loses what reaches nodes without a pod.',
    },
  ],
  sources: [
    'https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/' +
      'expose-applications-using-loadbalancer-type-service.md',
    'https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/' +
      'using-openstack-cloud-controller-manager.md',
  ],
};

/**
 * An Envoy in a container beside the cluster's; the ranges are `source_prefix_ranges` of its listener
 * (pkg/loadbalancer/proxy.go).
 */
export const cloudProviderKind: LoadBalancerKind = {
  id: 'cloud-provider-kind',
  title: 'cloud-provider-kind',
  signs: { providerID: /^kind:/ },
  behaviour: proxy(() => false, null, 'balancer'),
  annotations: [],
  sources: ['https://github.com/kubernetes-sigs/cloud-provider-kind'],
};
