import type { GatewayImplementation } from '../implementation.ts';
import { standardWays } from '../ways.ts';
import { asItIs } from '../../normalization.ts';

/**
 * AWS Load Balancer Controller 3.2: an Application Load Balancer (or, for layer 4, a Network Load Balancer) for each
 * Gateway; by default to nodePorts.
 */
export const aws: GatewayImplementation = {
  id: 'aws-load-balancer-controller',
  product: 'AWS Load Balancer Controller',
  controllerNames: ['gateway.k8s.aws/alb', 'gateway.k8s.aws/nlb'],
  classNames: [/^aws-(?:alb|nlb)/],
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
    'GatewayPort8080',
    'GatewayStaticAddresses',
    'HTTPRoute303RedirectStatusCode',
    'HTTPRoute307RedirectStatusCode',
    'HTTPRoute308RedirectStatusCode',
    'HTTPRouteBackendProtocolH2C',
    'HTTPRouteBackendProtocolWebSocket',
    'HTTPRouteBackendRequestHeaderModification',
    'HTTPRouteBackendTimeout',
    'HTTPRouteCORS',
    'HTTPRouteHostRewrite',
    'HTTPRouteNamedRouteRule',
    'HTTPRoutePathRedirect',
    'HTTPRoutePathRewrite',
    'HTTPRouteQueryParamMatching',
    'HTTPRouteRequestMirror',
    'HTTPRouteRequestMultipleMirrors',
    'HTTPRouteRequestPercentageMirror',
    'HTTPRouteRequestTimeout',
    'HTTPRouteResponseHeaderModification',
    'HTTPRouteSchemeRedirect',
  ],
  reads: asItIs,
  routers: null,
  // A LoadBalancerConfiguration may name them, or they are found by the hostname.
  ways: { ...standardWays, needsTls: false },
  dataPlane: { kind: 'cloud', target: 'nodePorts' },
  ownerLabels: null,
  ownBackends: ['gateway.k8s.aws'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.5.1/aws-load-balancer-controller (v3.2.0)',
    'kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway (controllers, target types)',
  ],
  remark:
    'Sends to nodePorts unless a TargetGroupConfiguration sets `targetType: ip`; a ' +
    'Service without one can only be reached by pod.',
};
