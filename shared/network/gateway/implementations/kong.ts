import type { GatewayImplementation } from '../implementation.ts';
import { standardWays } from '../ways.ts';
import { dotsAndSlashesResolved } from '../../normalization.ts';

/**
 * Kong (operator 2.1, Kubernetes Ingress Controller 3.5):
 * one Deployment of its proxy serves every Gateway of the class.
 */
export const kong: GatewayImplementation = {
  id: 'kong',
  product: 'Kong',
  controllerNames: ['konghq.com/gateway-operator', 'konghq.com/kic-gateway-controller'],
  classNames: [/^kong$/],
  expressions: { dialect: 'Rust', ignoresCase: false, anchors: 'start', inHeaders: 'none', rank: 'before-prefixes' },
  unclaimed: [
    'BackendTLSPolicy',
    'BackendTLSPolicySANValidation',
    'GatewayAddressEmpty',
    'GatewayHTTPListenerIsolation',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
    'GatewayInfrastructurePropagation',
    'GatewayStaticAddresses',
    'HTTPRouteBackendProtocolH2C',
    'HTTPRouteBackendProtocolWebSocket',
    'HTTPRouteBackendRequestHeaderModification',
    'HTTPRouteBackendTimeout',
    'HTTPRouteCORS',
    'HTTPRouteDestinationPortMatching',
    'HTTPRouteNamedRouteRule',
    'HTTPRouteParentRefPort',
    'HTTPRoutePathRedirect',
    'HTTPRoutePortRedirect',
    'HTTPRouteRequestMirror',
    'HTTPRouteRequestMultipleMirrors',
    'HTTPRouteRequestPercentageMirror',
    'HTTPRouteRequestTimeout',
    'HTTPRouteSchemeRedirect',
  ],
  reads: dotsAndSlashesResolved,
  routers: null,
  ways: { ...standardWays, servesKindsTogether: true },
  dataPlane: { kind: 'shared', implementation: 'kong', externalTrafficPolicy: 'Cluster' },
  ownerLabels: null,
  ownBackends: ['configuration.konghq.com'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.4.1/kong-operator (v2.1.2)',
    'Kong/kubernetes-ingress-controller internal/controllers/gateway/route_utils.go (its conditions of routes)',
    'developer.konghq.com/gateway/routing/expressions (anchors, priority)',
  ],
  remark: 'An expression is bound at the start alone; a request can meet the routes of a less specific listener too.',
};
