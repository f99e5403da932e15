import { siteOf } from '../../manifest/manifest.ts';
import { conditionsOf } from '../../network/gateway/conditions.ts';
import { rule } from '../rule.ts';

/** A listener, a ListenerSet or a BackendTLSPolicy that a controller would find fault with, by the standard's reasons. */
export const listenerInvalid = rule({
  id: 'listener-invalid',
  severity: 'warning',
  meaning: 'The listener, or what is made for it, takes no requests, or less than it says.',
  link: 'https://gateway-api.sigs.k8s.io/reference/spec/#listener',
  *check({ model, isComplete }) {
    for (const { manifest, reason, text, at } of conditionsOf(model)) {
      // Grants have a rule of their own; a ConfigMap may well be made by others.
      if (
        !['Gateway', 'ListenerSet', 'XListenerSet', 'BackendTLSPolicy'].includes(manifest.kind) ||
        reason === 'RefNotPermitted'
      )
        continue;
      if (reason === 'InvalidCACertificateRef' && (!isComplete || !text.includes('under ca.crt'))) continue;
      yield { message: `${text} (${reason})`, site: siteOf(manifest, ...at) };
    }
  },
  bad: {
    says: 'HostnameConflict',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: eg
  listeners:
    - { name: one, port: 80, protocol: HTTP, hostname: a.example.com }
                                                       ~~~~~~~~~~~~~
    - { name: two, port: 80, protocol: HTTP, hostname: a.example.com }
                                                       ~~~~~~~~~~~~~
    - { name: raw, port: 9000, protocol: HTTP, allowedRoutes: { kinds: [{ kind: TCPRoute }] } }
                                                                       ~~~~~~~~~~~~~~~~~~~~
`,
  },
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: eg
  listeners:
    - { name: one, port: 80, protocol: HTTP, hostname: a.example.com }
    - { name: two, port: 80, protocol: HTTP, hostname: b.example.com }
    - { name: raw, port: 9000, protocol: TCP, allowedRoutes: { kinds: [{ kind: TCPRoute }] } }
`,
});
