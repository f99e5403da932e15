import type { GatewayImplementation } from '../implementation.ts';
import { nginxGatewayFabricWays } from './nginxGatewayFabricWays.ts';
import { readByNginx } from '../../ingress/nginxPath.ts';

/** NGINX Gateway Fabric 2.6: an nginx of its own for each Gateway, behind a Service under policy Local. */
export const nginxGatewayFabric: GatewayImplementation = {
  id: 'nginx-gateway-fabric',
  product: 'NGINX Gateway Fabric',
  controllerNames: ['gateway.nginx.org/nginx-gateway-controller'],
  classNames: [/^nginx$/],
  expressions: { dialect: 'PCRE', ignoresCase: false, anchors: 'start', inHeaders: 'none', rank: 'before-prefixes' },
  unclaimed: [
    'BackendTLSPolicySANValidation',
    'GatewayFrontendClientCertificateValidation',
    'GatewayFrontendClientCertificateValidationInsecureFallback',
    'HTTPRouteBackendProtocolH2C',
    'HTTPRouteBackendRequestHeaderModification',
    'HTTPRouteBackendTimeout',
    'HTTPRouteNamedRouteRule',
    'HTTPRouteRequestTimeout',
    'ListenerSet',
  ],
  reads: readByNginx,
  routers: null,
  ways: nginxGatewayFabricWays,
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name, className }) => ({ namespace, name: `${name}-${className}` }),
    externalTrafficPolicy: 'Local',
    runs: 'pods',
  },
  ownerLabels: null,
  ownBackends: [],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.5.1/nginx-nginx-gateway-fabric (v2.5.0)',
    'nginx/nginx-gateway-fabric internal/controller/nginx/config/servers.go (`createPath`)',
    'docs.nginx.com/nginx-gateway-fabric/reference/api (NginxProxy: externalTrafficPolicy)',
  ],
  remark:
    'Its Service is made with `externalTrafficPolicy: Local`; an expression is bound at the start alone, so ' +
    '`/a.c` also takes `/abcd`.',
};
