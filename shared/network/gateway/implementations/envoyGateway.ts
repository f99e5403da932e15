import type { GatewayImplementation } from '../implementation.ts';
import { inEnvoy } from './envoy.ts';

/**
 * Envoy Gateway 1.8: an Envoy of its own for each Gateway, in the controller's namespace,
 * behind a Service under policy Local.
 */
export const envoyGateway: GatewayImplementation = {
  id: 'envoy-gateway',
  product: 'Envoy Gateway',
  controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
  classNames: [/^(?:eg|envoy|envoy-gateway(?:-class)?)$/],
  expressions: inEnvoy('before-prefixes'),
  unclaimed: ['GatewayHTTPSListenerDetectMisdirectedRequests', 'GatewayInfrastructurePropagation'],
  reads: 'without-dots-and-double-slashes',
  routers: null,
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name }) => ({ namespace: 'envoy-gateway-system', name: `envoy-${namespace}-${name}` }),
    externalTrafficPolicy: 'Local',
    runs: 'pods',
  },
  ownBackends: ['gateway.envoyproxy.io', 'multicluster.x-k8s.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.5.1/envoy-gateway (v1.8.0)',
    'envoyproxy/gateway internal/gatewayapi/sort.go (order of paths)',
    'gateway.envoyproxy.io/docs/api/extension_types (KubernetesServiceSpec.externalTrafficPolicy, ' +
      'ClientTrafficPolicy.path)',
  ],
  remark:
    'Its Service is made with `externalTrafficPolicy: Local`, so Envoy sees the ' +
    'client; an expression comes before every prefix.',
};
