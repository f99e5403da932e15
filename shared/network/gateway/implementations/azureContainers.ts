import type { GatewayImplementation } from '../implementation.ts';
import { standardWays } from '../ways.ts';
import { asItIs } from '../../normalization.ts';

/** Azure's Application Gateway for Containers 1.7: a proxy of Azure's own sends straight to pods. */
export const azureContainers: GatewayImplementation = {
  id: 'azure-alb',
  product: 'Application Gateway for Containers',
  controllerNames: ['alb.networking.azure.io/alb-controller'],
  classNames: [/^azure-alb-/],
  expressions: null,
  unclaimed: [
    'GatewayHTTPListenerIsolation',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
    'GatewayInfrastructurePropagation',
    'GatewayPort8080',
    'GatewayStaticAddresses',
    'HTTPRouteBackendProtocolH2C',
    'HTTPRouteBackendProtocolWebSocket',
    'HTTPRouteBackendRequestHeaderModification',
    'HTTPRouteBackendTimeout',
    'HTTPRouteParentRefPort',
    'HTTPRouteRequestMirror',
    'HTTPRouteRequestMultipleMirrors',
    'HTTPRouteRequestTimeout',
  ],
  reads: asItIs,
  routers: null,
  ways: standardWays,
  dataPlane: { kind: 'cloud', target: 'pods' },
  ownerLabels: null,
  ownBackends: ['alb.networking.azure.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.2.1/azure-application-gateway-for-containers (1.7.9)',
    'learn.microsoft.com/azure/application-gateway/for-containers',
  ],
  remark: 'Straight to pods; what a regular expression means there is not known.',
};
