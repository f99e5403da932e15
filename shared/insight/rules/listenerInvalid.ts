import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { readBackendTlsPolicy } from '../../cluster/gatewayApi/backendTlsPolicy.ts';
import { kindsCarried, readGateway, readListenerSet } from '../../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import type { Condition } from '../../network/gateway/condition.ts';
import {
  conditionsOfGateway,
  conditionsOfListenerSet,
  conditionsOfTlsPolicy,
} from '../../network/gateway/conditions.ts';
import { replacing, safely } from '../fixes.ts';
import { rule } from '../rule.ts';

/**
 * A listener, a ListenerSet or a BackendTLSPolicy that a controller would find fault with, by the standard's reasons.
 */
export const listenerInvalid = rule({
  id: 'listener-invalid',
  topic: 'gateways',
  severity: 'warning',
  meaning: 'The listener, or what is made for it, takes no requests, or less than it says.',
  remedy: 'Write what the condition asks for; the message says which listener is meant.',
  details:
    "The reasons are the standard's: `ProtocolConflict`, `UnsupportedProtocol`, `InvalidCertificateRef`, and so on. " +
    'What the API server refuses itself is told by `refused-by-crd` alone.',
  link: 'https://gateway-api.sigs.k8s.io/reference/spec/#listener',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    for (const { reason, text, at } of conditionsAbout(model, manifest)) {
      // Grants have a rule of their own; a ConfigMap may well be made by others.
      if (reason === 'RefNotPermitted') continue;
      if (reason === 'InvalidCACertificateRef' && (!isComplete || !text.includes('under ca.crt'))) continue;
      // Envoy Gateway takes these, Traefik a Secret, and Kong and Traefik call the core group `core`: the standard
      // leaves it to them.
      if (reason === 'InvalidKind' && /^(?:ConfigMap|Secret|ClusterTrustBundle) /.test(text)) continue;
      const written = reason === 'UnsupportedProtocol' ? textAt(manifest.value, ...at) : undefined;
      // An implementation may have protocols of its own, by its domain.
      if (written?.includes('/') === true) continue;
      const protocol = written?.toUpperCase();
      yield {
        message: `${text} (${reason})`,
        at: fieldOf(manifest, ...at),
        fixes:
          protocol === undefined || kindsCarried({ protocol, tls: null }, []) === null
            ? []
            : safely(replacing(`Use ${protocol}`, manifest, protocol, ...at)),
      };
    }
  },
  bad: {
    says: 'ProtocolConflict',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: eg
  listeners:
    - { name: one, port: 80, protocol: HTTP }
                         ~~
    - { name: two, port: 80, protocol: TCP }
                         ~~
    - { name: raw, port: 9000, protocol: HTTP, allowedRoutes: { kinds: [{ kind: TCPRoute }] } }
                                                                       ~~~~~~~~~~~~~~~~~~~~
    - { name: shop, port: 443, protocol: HTTPS }
                                         ~~~~~
    - { name: plain, port: 8080, protocol: http }
                                           ~~~~
`,
  },
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: eg
  listeners:
    - { name: one, port: 80, protocol: HTTP }
    - { name: two, port: 81, protocol: TCP }
    - { name: raw, port: 9000, protocol: TCP, allowedRoutes: { kinds: [{ kind: TCPRoute }] } }
    - { name: shop, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: shop }] } }
    - { name: plain, port: 8080, protocol: HTTP }
`,
});

function conditionsAbout(model: ClusterModel, manifest: Manifest): readonly Condition[] {
  if (!isOfGatewayApi(manifest)) return [];
  switch (manifest.kind) {
    case 'Gateway':
      return conditionsOfGateway(model, readGateway(manifest));
    case 'ListenerSet':
    case 'XListenerSet':
      return conditionsOfListenerSet(model, readListenerSet(manifest));
    case 'BackendTLSPolicy':
      return conditionsOfTlsPolicy(model, readBackendTlsPolicy(manifest));
    default:
      return [];
  }
}
