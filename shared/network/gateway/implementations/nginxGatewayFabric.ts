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
    'HTTPRouteBackendProtocolH2C',
    'HTTPRouteBackendRequestHeaderModification',
    'HTTPRouteBackendTimeout',
    'HTTPRouteNamedRouteRule',
    'HTTPRouteRequestTimeout',
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
    'nginx/nginx-gateway-fabric v2.6.7: internal/controller/status/gatewayclass.go (`supportedFeatures`), ' +
      'nginx/config/{servers,maps,split_clients}.go, nginx/modules/src/httpmatches.js, ' +
      'state/dataplane/{configuration,sort}.go, state/graph',
    'docs.nginx.com/nginx-gateway-fabric/reference/api (NginxProxy: externalTrafficPolicy)',
  ],
  remark:
    'Its Service is made with `externalTrafficPolicy: Local`; an expression is bound at the start alone, so ' +
    '`/a.c` also takes `/abcd`. The path alone picks a location: if none of the rules of that path takes the ' +
    'request, it is answered 404, even where a shorter prefix has a rule for it.',
};
