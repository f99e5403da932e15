import { groupOf, type Manifest } from '../manifest/manifest.ts';

/**
 * Kinds that lead, split or refuse traffic, and that aren't read here: what they say changes nothing of a trace.
 * Policies at a pod's gate are none of them: of these a trace tells (`network/policy/unfollowedPolicies.ts`).
 * Whoever reads one of them takes it out of this list.
 */
export interface UnfollowedProduct {
  readonly product: string;
  readonly groups: readonly string[];
  /** Null for every kind of its groups. */
  readonly kinds: readonly string[] | null;
}

const products: readonly UnfollowedProduct[] = [
  {
    product: 'Istio',
    groups: ['networking.istio.io', 'security.istio.io'],
    kinds: [
      'VirtualService',
      'DestinationRule',
      'Gateway',
      'ServiceEntry',
      'Sidecar',
      'EnvoyFilter',
      'WorkloadEntry',
      'PeerAuthentication',
    ],
  },
  {
    product: 'Traefik',
    groups: ['traefik.io', 'traefik.containo.us'],
    kinds: [
      'IngressRoute',
      'IngressRouteTCP',
      'IngressRouteUDP',
      'Middleware',
      'MiddlewareTCP',
      'TraefikService',
      'ServersTransport',
      'ServersTransportTCP',
    ],
  },
  { product: 'Contour', groups: ['projectcontour.io'], kinds: ['HTTPProxy', 'ExtensionService'] },
  {
    product: 'NGINX Ingress Controller',
    groups: ['k8s.nginx.org'],
    kinds: ['VirtualServer', 'VirtualServerRoute', 'TransportServer'],
  },
  { product: 'BIG-IP', groups: ['cis.f5.com'], kinds: ['VirtualServer', 'TransportServer', 'IngressLink'] },
  { product: 'OpenShift', groups: ['route.openshift.io'], kinds: ['Route'] },
  {
    product: 'Knative',
    groups: ['serving.knative.dev', 'networking.internal.knative.dev'],
    kinds: ['Service', 'Route', 'DomainMapping', 'Ingress'],
  },
  {
    product: 'Kong',
    groups: ['configuration.konghq.com'],
    kinds: ['KongIngress', 'KongPlugin', 'KongClusterPlugin', 'TCPIngress', 'UDPIngress', 'KongUpstreamPolicy'],
  },
  {
    product: 'APISIX',
    groups: ['apisix.apache.org'],
    kinds: ['ApisixRoute', 'ApisixUpstream', 'ApisixTls', 'ApisixPluginConfig'],
  },
  {
    product: 'Emissary-ingress',
    groups: ['getambassador.io', 'x.getambassador.io'],
    kinds: ['Mapping', 'TCPMapping', 'Host', 'Listener', 'AmbassadorMapping', 'AmbassadorHost', 'AmbassadorListener'],
  },
  {
    product: 'Gloo',
    groups: ['gateway.solo.io', 'gloo.solo.io', 'networking.gloo.solo.io'],
    kinds: ['VirtualService', 'RouteTable', 'VirtualGateway', 'Gateway', 'Upstream', 'UpstreamGroup'],
  },
  {
    product: 'HAProxy',
    groups: ['core.haproxy.org', 'ingress.v1.haproxy.org', 'ingress.v3.haproxy.org'],
    kinds: null,
  },
  {
    product: 'Linkerd',
    groups: ['linkerd.io', 'policy.linkerd.io'],
    kinds: ['ServiceProfile', 'HTTPRoute', 'ServerAuthorization', 'AuthorizationPolicy', 'EgressNetwork'],
  },
  { product: 'SMI', groups: ['split.smi-spec.io', 'specs.smi-spec.io', 'access.smi-spec.io'], kinds: null },
  {
    product: 'Cilium',
    groups: ['cilium.io'],
    kinds: ['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig', 'CiliumLocalRedirectPolicy'],
  },
  {
    product: 'Calico',
    groups: ['projectcalico.org', 'crd.projectcalico.org'],
    kinds: [
      'StagedNetworkPolicy',
      'StagedGlobalNetworkPolicy',
      'StagedKubernetesNetworkPolicy',
      'Tier',
      'HostEndpoint',
    ],
  },
  { product: 'Multi-cluster Services', groups: ['multicluster.x-k8s.io'], kinds: ['ServiceImport'] },
];

const productOfGroup = new Map(products.flatMap((each) => each.groups.map((group) => [group, each] as const)));

/** The product whose object isn't read here; null for any other object. */
export function unfollowedProduct(manifest: Manifest): string | null {
  const found = productOfGroup.get(groupOf(manifest));
  return found !== undefined && (found.kinds?.includes(manifest.kind) ?? true) ? found.product : null;
}
