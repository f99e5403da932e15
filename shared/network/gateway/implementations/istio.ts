import type { GatewayImplementation } from '../implementation.ts';
import { envoyWays, inEnvoy } from './envoy.ts';
import { envoyReading } from '../../envoyPath.ts';

/** Istio 1.28: an Envoy of its own for each Gateway, in the Gateway's namespace. */
export const istio: GatewayImplementation = {
  id: 'istio',
  product: 'Istio',
  controllerNames: ['istio.io/gateway-controller'],
  classNames: [/^istio$/],
  expressions: inEnvoy('behind-prefixes'),
  unclaimed: ['GatewayHTTPSListenerDetectMisdirectedRequests'],
  routers: null,
  reads: envoyReading,
  ways: {
    ...envoyWays,
    virtualHosts: { plain: 'of-a-port', secure: 'of-a-listener', leavesNamed: true, twice: 'together' },
  },
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name, className }) => ({ namespace, name: `${name}-${className}` }),
    externalTrafficPolicy: 'Cluster',
    runs: 'pods',
  },
  ownerLabels: null,
  ownBackends: ['networking.istio.io', 'multicluster.x-k8s.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.4.0/istio-istio (1.28)',
    'istio/istio pilot/pkg/config/kube/gateway/conversion.go (`getURIRank`)',
    'istio/istio pilot/pkg/networking/core/gateway.go (`vHostDedupMap`: virtual hosts, by port and by TLS server)',
    'istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api (names)',
    'istio.io/latest/docs/reference/config/istio.mesh.v1alpha1 (PathNormalization)',
  ],
  remark: 'A regular expression is tried only when no exact path and no prefix takes the request.',
};
