import type { GatewayImplementation } from '../implementation.ts';
import { envoyWays, inEnvoy } from './envoy.ts';
import { envoyMerging } from '../../envoyPath.ts';

/**
 * Contour 1.33 with its gateway provisioner: an Envoy DaemonSet for each Gateway behind a Service under policy Local.
 */
export const contour: GatewayImplementation = {
  id: 'contour',
  product: 'Contour',
  controllerNames: ['projectcontour.io/gateway-controller'],
  classNames: [/^contour$/],
  expressions: inEnvoy('before-prefixes'),
  unclaimed: [
    'GatewayStaticAddresses',
    'HTTPRouteParentRefPort',
    'HTTPRoutePortRedirect',
    'HTTPRouteRequestPercentageMirror',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
  ],
  routers: null,
  reads: envoyMerging,
  ways: {
    ...envoyWays,
    virtualHosts: { plain: 'of-a-port', secure: 'of-a-hostname', leaves: 'named', arranged: null, twice: 'together' },
  },
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name }) => ({ namespace, name: `envoy-${name}` }),
    externalTrafficPolicy: 'Local',
    runs: 'on every node',
  },
  ownerLabels: { name: 'projectcontour.io/owning-gateway-name', namespace: null },
  ownBackends: [],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.3.0/projectcontour-contour (v1.33.0)',
    'projectcontour/contour internal/sorter/sorter.go (order of paths), internal/envoy/v3/route.go',
    'projectcontour/contour internal/dag/gatewayapi_processor.go (`computeHosts`: virtual hosts; v1.33.8)',
    'projectcontour.io/docs/main/guides/gateway-api',
  ],
  remark:
    'Its Service is made with `externalTrafficPolicy: Local` before an Envoy on ' +
    'every node; an expression comes before every prefix.',
};
