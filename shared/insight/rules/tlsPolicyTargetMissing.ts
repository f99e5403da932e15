import { readBackendTlsPolicy } from '../../cluster/gatewayApi/backendTlsPolicy.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { serviceNamed } from '../../cluster/lookups.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isServiceThere, nearService } from '../absence.ts';
import { replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/**
 * A BackendTLSPolicy for a Service, or a port of one, that isn't there.
 * Source: kubernetes-sigs/gateway-api apis/v1/backendtlspolicy_types.go (`TargetRefs`; v1.6.1): a target that isn't
 * found is `TargetNotFound`, and `sectionName` is the name of a Service's port.
 */
export const tlsPolicyTargetMissing = rule({
  id: 'tls-policy-target-missing',
  topic: 'gateways',
  severity: 'warning',
  meaning: 'The policy is for nothing: gateways speak plain HTTP to the backend that it was meant for.',
  remedy: 'Name a Service of the same namespace, and in `sectionName` the name of one of its ports.',
  details:
    'A Service that is missing is told where another one of the namespace has nearly its name: any other may be ' +
    'applied from elsewhere. A port is told wherever its Service is in the set.',
  link: 'https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    if (manifest.kind !== 'BackendTLSPolicy' || !isOfGatewayApi(manifest) || !isComplete) return;
    const { targets, namespace, name: policy } = readBackendTlsPolicy(manifest);
    for (const { group, kind, name, sectionName, at } of targets) {
      if (group !== '' || kind !== 'Service') continue;
      const service = serviceNamed(model, namespace, name);
      if (service === undefined) {
        const near = isServiceThere(model, namespace, name) ? null : nearService(model, namespace, name);
        if (near === null) continue;
        yield {
          message:
            `BackendTLSPolicy ${policy} is for Service ${name}, which isn't in namespace ${namespace}, so it ` +
            `applies to nothing: ${plain}. Did you mean ${near}?`,
          at: fieldOf(manifest, ...at, 'name'),
          fixes: replacing(`Use Service ${near}`, manifest, near, ...at, 'name'),
        };
        continue;
      }
      if (sectionName === null || service.ports.some((port) => port.name === sectionName)) continue;
      const names = service.ports.flatMap((port) => (port.name === '' ? [] : [port.name]));
      const meant = names.find((each) => isLike(each, sectionName)) ?? (names.length === 1 ? names[0] : undefined);
      yield {
        message:
          `Service ${name} has no port named ${sectionName} (` +
          `${names.length === 0 ? 'it names none' : `it has ${names.join(', ')}`}), so BackendTLSPolicy ${policy} ` +
          `doesn't apply: ${plain}.`,
        at: fieldOf(manifest, ...at, 'sectionName'),
        related: [theObject(service.manifest)],
        fixes: meant === undefined ? [] : replacing(`Use port ${meant}`, manifest, meant, ...at, 'sectionName'),
      };
    }
  },
  bad: {
    says: 'Did you mean backend?',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: tls }
spec:
  targetRefs:
    - { group: "", kind: Service, name: backnd }
                                        ~~~~~~
    - { group: "", kind: Service, name: backend, sectionName: htps }
                                                              ~~~~
  validation: { hostname: backend.example.com, wellKnownCACertificates: System }
---
apiVersion: v1
kind: Service
metadata: { name: backend }
spec: { selector: { app: backend }, ports: [{ name: https, port: 443 }] }
`,
  },
  isMended: true,
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: tls }
spec:
  targetRefs: [{ group: "", kind: Service, name: backend, sectionName: https }]
  validation: { hostname: backend.example.com, wellKnownCACertificates: System }
---
apiVersion: v1
kind: Service
metadata: { name: backend }
spec: { selector: { app: backend }, ports: [{ name: https, port: 443 }] }
`,
});

const plain = 'gateways speak plain HTTP to the backend';
