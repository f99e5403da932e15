import type { GatewayImplementation } from '../implementation.ts';
import { standardWays } from '../ways.ts';
import { inEnvoy } from './envoy.ts';
import { asItIs } from '../../normalization.ts';

/**
 * Whoever keeps to the standard, all of it. What it leaves open is taken as most do it:
 * whole RE2 expressions before prefixes.
 */
export const standard: GatewayImplementation = {
  id: 'standard',
  product: 'the standard',
  controllerNames: [],
  classNames: [],
  expressions: inEnvoy('before-prefixes'),
  unclaimed: [],
  reads: asItIs,
  routers: null,
  ways: standardWays,
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name }) => ({ namespace, name: `${name}-gateway` }),
    externalTrafficPolicy: 'Cluster',
    runs: 'pods',
  },
  ownerLabels: { name: 'gateway.networking.k8s.io/gateway-name', namespace: null },
  ownBackends: [],
  forwardedFor: 'appends',
  sources: ['kubernetes-sigs/gateway-api apis/v1 and conformance (v1.6.1)'],
  remark: 'Every feature of the conformance suite.',
};

/** One whose controller we don't know: it follows the standard, as far as can be told, and nothing more is claimed. */
export const unknownImplementation: GatewayImplementation = {
  ...standard,
  id: 'unknown',
  product: 'an implementation that Hoplens does not know',
  expressions: null,
  ownerLabels: null,
  ownBackends: null,
  remark: 'Follows the standard; regular expressions and backends of its own are unknown.',
};
