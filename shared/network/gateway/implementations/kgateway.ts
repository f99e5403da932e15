import type { GatewayImplementation } from '../implementation.ts';
import { envoyWays } from './envoy.ts';
import { envoyReading } from '../../envoyPath.ts';

/** kgateway 2.3: an Envoy of its own for each Gateway, in the Gateway's namespace. */
export const kgateway: GatewayImplementation = {
  id: 'kgateway',
  product: 'kgateway',
  controllerNames: ['kgateway.dev/kgateway', 'solo.io/gloo-gateway'],
  classNames: [/^(?:kgateway|gloo-gateway)$/],
  expressions: null,
  unclaimed: [
    'BackendTLSPolicy',
    'BackendTLSPolicySANValidation',
    'GatewayBackendClientCertificate',
    'GatewayFrontendClientCertificateValidationInsecureFallback',
    'GatewayHTTPListenerIsolation',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
  ],
  routers: null,
  reads: envoyReading,
  ways: {
    ...envoyWays,
    virtualHosts: { plain: 'of-a-port', secure: 'of-a-listener', leaves: 'nothing', arranged: null, twice: 'together' },
  },
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name }) => ({ namespace, name }),
    externalTrafficPolicy: 'Cluster',
    runs: 'pods',
  },
  ownerLabels: null,
  ownBackends: ['gateway.kgateway.dev', 'networking.istio.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.5.1/kgateway (v2.3.0-beta.3)',
    'kgateway.dev/docs/setup',
    'kgateway-dev/kgateway internal/kgateway/translator/listener/gateway_listener_translator.go ' +
      '(`translateHttpFilterChain`, `buildRoutesPerHost`: virtual hosts; v2.2.0)',
  ],
  remark:
    'A request can meet the routes that a less specific listener has for its hostname. How it ranks regular ' +
    'expressions was not found, so they are unknown.',
};
