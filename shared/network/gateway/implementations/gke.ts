import type { GatewayImplementation } from '../implementation.ts';
import { standardWays } from '../ways.ts';
import { asItIs } from '../../normalization.ts';

/** GKE 1.35: a Google Cloud load balancer is the proxy, and sends straight to pods by network endpoint groups. */
export const gke: GatewayImplementation = {
  id: 'gke',
  product: 'GKE Gateway',
  controllerNames: ['networking.gke.io/gateway'],
  classNames: [/^gke-/],
  expressions: null,
  unclaimed: [
    'BackendTLSPolicy',
    'BackendTLSPolicySANValidation',
    'GatewayAddressEmpty',
    'GatewayBackendClientCertificate',
    'GatewayFrontendClientCertificateValidation',
    'GatewayFrontendClientCertificateValidationInsecureFallback',
    'GatewayHTTPListenerIsolation',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
    'GatewayInfrastructurePropagation',
    'GatewayStaticAddresses',
    'HTTPRoute303RedirectStatusCode',
    'HTTPRoute307RedirectStatusCode',
    'HTTPRoute308RedirectStatusCode',
    'HTTPRouteBackendProtocolH2C',
    'HTTPRouteBackendProtocolWebSocket',
    'HTTPRouteBackendRequestHeaderModification',
    'HTTPRouteBackendTimeout',
    'HTTPRouteCORS',
    'HTTPRouteDestinationPortMatching',
    'HTTPRouteMethodMatching',
    'HTTPRouteNamedRouteRule',
    'HTTPRouteParentRefPort',
    'HTTPRoutePathRewrite',
    'HTTPRoutePortRedirect',
    'HTTPRouteQueryParamMatching',
    'HTTPRouteRequestMultipleMirrors',
    'HTTPRouteRequestTimeout',
    'ListenerSet',
  ],
  reads: asItIs,
  routers: null,
  // An annotation of the Gateway may name its certificates (`networking.gke.io/certmap`).
  ways: { ...standardWays, needsTls: false },
  dataPlane: { kind: 'cloud', target: 'pods' },
  ownerLabels: null,
  ownBackends: ['net.gke.io', 'networking.gke.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.5.1/gke-gateway (1.35.2-gke)',
    'cloud.google.com/kubernetes-engine/docs/concepts/gateway-api',
    'cloud.google.com/load-balancing/docs/https (X-Forwarded-For)',
    'cloud.google.com/kubernetes-engine/docs/how-to/secure-gateway (certmap)',
  ],
  remark:
    "Container-native: one hop from the load balancer to the pod. It doesn't claim " +
    'to match methods or query parameters.',
};
