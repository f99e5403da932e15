import type { GatewayImplementation } from '../implementation.ts';
import { traefikRouters } from './traefikRouters.ts';
import { standardWays } from '../ways.ts';
import { traefikReading } from '../../ingress/traefikPath.ts';

/** Traefik 3.7: one Deployment for every Gateway; a listener's port must be that of one of its entry points. */
export const traefik: GatewayImplementation = {
  id: 'traefik',
  product: 'Traefik',
  controllerNames: ['traefik.io/gateway-controller'],
  classNames: [/^traefik$/],
  expressions: { dialect: 'RE2', ignoresCase: false, anchors: 'none', inHeaders: 'none', rank: 'among-prefixes' },
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
  reads: traefikReading(true).reads,
  routers: traefikRouters,
  ways: { ...standardWays, endedTls: ['TLSRoute'], servesKindsTogether: true, coreGroup: 'core' },
  dataPlane: { kind: 'shared', implementation: 'traefik', externalTrafficPolicy: 'Cluster' },
  ownerLabels: null,
  ownBackends: ['traefik.io', 'core'],
  forwardedFor: 'replaces',
  sources: [
    'conformance/reports/v1.5.1/traefik-traefik (v3.7)',
    'traefik/traefik pkg/provider/kubernetes/gateway/{httproute,grpcroute}.go (ranks, filters, statuses, conflicts), ' +
      'kubernetes.go (`groupCore`, `supportedRouteKinds`), ' +
      'pkg/middlewares/gatewayapi, pkg/muxer/http, pkg/server/router/tcp (3.7.13)',
    'doc.traefik.io/traefik/reference/routing-configuration/kubernetes/gateway-api',
  ],
  remark:
    'All matches of a port are ranked by one number: the length of a prefix or an expression counts more than a ' +
    'host, so a host-less route can win, and an expression takes a path that holds it anywhere. Equal numbers are ' +
    "tried in an order by chance. A rule with a filter that it doesn't take (a mirror, CORS) answers 500 as a whole; " +
    'a TLS name of no listener gets 404. A listener of protocol TLS takes TLSRoutes alone, whether it ends TLS or not.',
};
