import type { GatewayImplementation } from '../implementation.ts';
import { envoyWays } from './envoy.ts';
import { envoyReading } from '../../envoyPath.ts';

/** Cilium 1.20: a Service for each Gateway, and on whatever node a packet arrives, that node's own Envoy takes it. */
export const cilium: GatewayImplementation = {
  id: 'cilium',
  product: 'Cilium',
  controllerNames: ['io.cilium/gateway-controller'],
  classNames: [/^cilium$/],
  expressions: null,
  unclaimed: [
    'BackendTLSPolicySANValidation',
    'GatewayBackendClientCertificate',
    'GatewayFrontendClientCertificateValidation',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
    'HTTPRoute303RedirectStatusCode',
    'HTTPRoute307RedirectStatusCode',
    'HTTPRoute308RedirectStatusCode',
    'HTTPRouteCORS',
    'HTTPRouteParentRefPort',
    'ListenerSet',
  ],
  routers: null,
  reads: envoyReading,
  ways: {
    ...envoyWays,
    virtualHosts: {
      plain: 'of-the-gateway',
      secure: 'of-the-gateway',
      leaves: 'named',
      arranged: null,
      twice: 'together',
    },
  },
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name }) => ({ namespace, name: `cilium-gateway-${name}` }),
    externalTrafficPolicy: 'Local',
    runs: 'on every node',
  },
  ownerLabels: { name: 'io.cilium.gateway/owning-gateway', namespace: null },
  ownBackends: ['multicluster.x-k8s.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.5.1/cilium (v1.20.0-pre.2)',
    'cilium/cilium operator/pkg/model/translation/envoy_route_configuration.go (virtual hosts; v1.20.2)',
    'docs.cilium.io/en/stable/network/servicemesh/gateway-api',
  ],
  remark:
    'The node that gets the packet proxies it, so Envoy sees the client under either traffic policy; how this ' +
    'version ranks regular expressions was not found, so they are unknown.',
};
