import type { GatewayImplementation } from '../implementation.ts';
import { standardWays } from '../ways.ts';

/** Traefik 3.7: one Deployment for every Gateway; a listener's port must be that of one of its entry points. */
export const traefik: GatewayImplementation = {
  id: 'traefik',
  product: 'Traefik',
  controllerNames: ['traefik.io/gateway-controller'],
  classNames: [/^traefik$/],
  expressions: { dialect: 'RE2', ignoresCase: false, anchors: 'none', inHeaders: 'none', rank: 'behind-prefixes' },
  unclaimed: [
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
    'HTTPRouteBackendTimeout',
    'HTTPRouteCORS',
    'HTTPRouteNamedRouteRule',
    'HTTPRouteParentRefPort',
    'HTTPRouteRequestMirror',
    'HTTPRouteRequestMultipleMirrors',
    'HTTPRouteRequestPercentageMirror',
    'HTTPRouteRequestTimeout',
    'ListenerSet',
  ],
  reads: 'without-dots-and-double-slashes',
  ways: standardWays,
  dataPlane: { kind: 'shared', implementation: 'traefik', externalTrafficPolicy: 'Cluster' },
  ownBackends: ['traefik.io'],
  forwardedFor: 'replaces',
  sources: [
    'conformance/reports/v1.5.1/traefik-traefik (v3.7)',
    'traefik/traefik pkg/provider/kubernetes/gateway/httproute.go (`buildPathRule`)',
    'doc.traefik.io/traefik/reference/routing-configuration/kubernetes/gateway-api',
  ],
  remark:
    'An expression takes a path that holds it anywhere, behind every prefix; a request can meet the routes of a ' +
    'less specific listener too.',
};
