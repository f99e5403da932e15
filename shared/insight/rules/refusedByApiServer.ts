import { isService } from '../../cluster/service.ts';
import { type Manifest, fieldOf, keyFieldOf } from '../../manifest/manifest.ts';
import { validateEndpointSlice } from '../../manifest/validation/endpointSlice.ts';
import { type FieldError, pathText } from '../../manifest/validation/fieldError.ts';
import { validateService } from '../../manifest/validation/service.ts';
import { isScalar, keysAt, valueAt } from '../../manifest/value.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** Source: kubernetes/kubernetes pkg/apis/core/validation, pkg/apis/discovery/validation; see `shared/manifest/validation/`. */
export const refusedByApiServer = rule({
  id: 'refused-by-api-server',
  severity: 'error',
  meaning: 'The API server refuses the object, so nothing of it comes to be.',
  link: 'https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    for (const error of errorsOf(manifest, model.profile.kubernetesMinor)) {
      if (isSaidElsewhere(error) || (!isComplete && error.kind === 'Required') || isPlaceholder(manifest, error))
        continue;
      const isAboutKey = error.kind === 'UnknownField' || error.kind === 'Forbidden';
      yield {
        message: messageOf(manifest, error),
        at: isAboutKey ? keyFieldOf(manifest, ...error.path) : fieldOf(manifest, ...error.path),
      };
    }
  },
  bad: {
    says: 'spec.ports[0].port: must be between 1 and 65535',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
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
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  externalTrafficPolicy: Local
  type: NodePort
  ports:
    - port: 8000
      targetPort: 8080
`,
});

/** What was found for a manifest, by version: a manifest never changes. */
const found = new WeakMap<Manifest, { readonly minor: number; readonly errors: readonly FieldError[] }>();

function errorsOf(manifest: Manifest, kubernetesMinor: number): readonly FieldError[] {
  if (manifest.kind !== 'Service' && manifest.kind !== 'EndpointSlice') return [];
  const known = found.get(manifest);
  if (known?.minor === kubernetesMinor) return known.errors;
  const errors = validate(manifest, kubernetesMinor);
  found.set(manifest, { minor: kubernetesMinor, errors });
  return errors;
}

function validate(manifest: Manifest, kubernetesMinor: number): readonly FieldError[] {
  if (isService(manifest)) return validateService(manifest.value, kubernetesMinor);
  return manifest.kind === 'EndpointSlice' && manifest.apiVersion === 'discovery.k8s.io/v1'
    ? validateEndpointSlice(manifest.value, kubernetesMinor)
    : [];
}

function messageOf({ kind, name, value }: Manifest, { path, detail, known = [] }: FieldError): string {
  const parent = valueAt(value, ...path.slice(0, -1));
  const own = path.at(-1);
  const meant = known.find((each) => isLike(String(own), each) && valueAt(parent, each) === undefined);
  return `${pathText(path)}: ${meant === undefined ? detail : `is no field of the API; ${meant} is`}. The API server refuses ${kind} ${name}.`;
}

/** Rules of their own say these, with more about what they mean for traffic. */
function isSaidElsewhere({ path, kind }: FieldError): boolean {
  const place = pathText(path.filter((step) => typeof step === 'string'));
  return (
    (kind === 'Forbidden' && place === 'spec.loadBalancerSourceRanges') ||
    (kind === 'Invalid' && place === 'spec.externalTrafficPolicy') ||
    (kind === 'Required' && place === 'spec.ports.name') ||
    (kind === 'Duplicate' && place === 'spec.ports.nodePort')
  );
}

/** A value that something fills in before it is applied: `{{ … }}`, `${…}`, `$(…)`, `<…>`. */
function isPlaceholder(manifest: Manifest, { path }: FieldError): boolean {
  const found = valueAt(manifest.value, ...path);
  const text = isScalar(found) ? String(found) : keysAt(found).join(' ');
  return /\{\{|\$\{|\$\(|<[^>]*>|^__|%\w+%|^\$[A-Z_]/.test(text);
}
