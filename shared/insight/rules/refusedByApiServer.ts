import { type Field, fieldOf, keyFieldOf, type Manifest } from '../../manifest/manifest.ts';
import { type FieldError, pathText } from '../../manifest/validation/fieldError.ts';
import { portNumber } from '../../manifest/validation/formats.ts';
import { keysAt, valueAt } from '../../manifest/value.ts';
import { refusalsOf } from '../refusals.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/**
 * Source: kubernetes/kubernetes pkg/apis/core/validation, pkg/apis/discovery/validation; see
 * `shared/manifest/validation/`.
 */
export const refusedByApiServer = rule({
  id: 'refused-by-api-server',
  severity: 'error',
  meaning: 'The API server refuses the object, so nothing of it comes to be.',
  remedy: "Write what the message asks for; it has the API server's own words.",
  details:
    "Whatever the API server's own validation would have against the object, but for what other rules say with " +
    'more about traffic.',
  link: 'https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/',
  refuses: true,
  about: 'object',
  *check(manifest, { model, isComplete }) {
    const errors = refusalsOf(manifest, model.profile.kubernetesMinor).filter(
      (error) => !isSaidElsewhere(error) && (isComplete || error.kind !== 'Required'),
    );
    // One value is underlined once, with everything that is against it.
    for (const [error, ...more] of Map.groupBy(errors, errorKey).values()) {
      if (error === undefined) continue;
      const severity = isOfStatus(error) ? 'warning' : 'error';
      yield { message: messageOf(manifest, error, more), severity, at: fieldOfError(manifest, error) };
    }
  },
  bad: {
    says: 'spec.ports[0].port: must be between 1 and 65535',
    yaml: `
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { my app: web, version: 1.0+beta }
            ~~~~~~
                                  ~~~~~~~~
spec:
  externalTraficPolicy: Local
  ~~~~~~~~~~~~~~~~~~~~
  type: Nodeport
        ~~~~~~~~
  sessionAffinity: ClientIP
  sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } }
                                                       ~~~~~
  ports:
    - port: 80000
            ~~~~~
      targetPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: dual
  annotations:
    service.kubernetes.io/topology-aware-hints: auto
    service.kubernetes.io/topology-mode: Disabled
                                         ~~~~~~~~
spec:
  ipFamilies: [IPv4, IPv6]
              ~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: dual-1, finalizers: [wait] }
                                       ~~~~
addressType: IPv6
endpoints: [{ addresses: ['FD00::1'] }]
                          ~~~~~~~~~
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { my-app: web, version: 1.0-beta }
spec:
  externalTrafficPolicy: Local
  type: NodePort
  ports:
    - port: 8000
      targetPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: dual
  annotations:
    service.kubernetes.io/topology-aware-hints: auto
    service.kubernetes.io/topology-mode: auto
spec:
  ipFamilies: [IPv4, IPv6]
  ipFamilyPolicy: PreferDualStack
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: both }
spec:
  clusterIP: None
  ipFamilies: [IPv4, IPv6]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: dual-1, finalizers: [example.com/wait] }
addressType: IPv6
endpoints: [{ addresses: ['fd00::1'] }]
`,
});

function errorKey({ path, kind, shownAt, isAboutKey }: FieldError): string {
  return `${kind} ${pathText(shownAt ?? path)} ${isAboutKey}`;
}

function fieldOfError(manifest: Manifest, { kind, path, shownAt, isAboutKey }: FieldError): Field {
  if (kind === 'UnknownField' || kind === 'Forbidden' || isAboutKey === true) return keyFieldOf(manifest, ...path);
  if (shownAt !== undefined && valueAt(manifest.value, ...path) === undefined) return fieldOf(manifest, ...shownAt);
  return fieldOf(manifest, ...path);
}

function messageOf(
  { kind, name, value }: Manifest,
  { path, detail, known = [] }: FieldError,
  more: readonly FieldError[],
): string {
  const siblings = keysAt(value, ...path.slice(0, -1));
  const own = path.at(-1);
  const meant = known.find((each) => isLike(String(own), each) && !siblings.includes(each));
  const says =
    meant === undefined
      ? [detail, ...more.map((each) => each.detail)].join('; ')
      : `is no field of the API; ${meant} is`;
  const effect = isOfStatus({ path }) ? 'takes no such status, so it is left out here' : `refuses ${kind} ${name}`;
  return `${pathText(path)}: ${says}. The API server ${effect}.`;
}

/** Whoever applies a manifest applies no status: what stands there is somebody's note of it. */
function isOfStatus({ path }: Pick<FieldError, 'path'>): boolean {
  return path[0] === 'status';
}

/** Rules of their own say these, with more about what they mean for traffic. */
function isSaidElsewhere({ path, kind, detail, isUnquoted }: FieldError): boolean {
  const place = pathText(path.filter((step) => typeof step === 'string'));
  return (
    isUnquoted === true ||
    (kind === 'Forbidden' && place === 'spec.loadBalancerSourceRanges') ||
    (kind === 'Invalid' && place === 'spec.externalTrafficPolicy') ||
    (kind === 'Required' && place === 'spec.ports.name') ||
    (kind === 'Duplicate' && place === 'spec.ports.nodePort') ||
    (kind === 'Invalid' && place === 'spec.healthCheckNodePort' && detail === portNumber(0)[0])
  );
}
