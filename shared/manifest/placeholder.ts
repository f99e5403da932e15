import type { Manifest } from './manifest.ts';
import { type FieldPath, isList, isMap, type Value, valueAt } from './value.ts';

/**
 * Values that something fills in later: `${VAR}` (envsubst, Flux), `{{cell}}`, `__HOST__` (sed), `<service-name>` (a
 * reader), `{GATEWAY_CLASS_NAME}` (a test), and a word in capitals where Kubernetes takes none (`port: PORT`). Such a
 * value is unknown, and so is what depends on it. Looked at is what traffic depends on: names, labels, and the specs of
 * Services, slices, Ingresses and the Gateway API's objects; of workloads their selectors, labels and ports.
 */
export interface Placeholder {
  readonly path: FieldPath;
  /** Of the value, what stands for another. */
  readonly text: string;
  /** Whether others find the object by this value, or what it selects: then nobody knows what is missing. */
  readonly isIdentity: boolean;
}

const inText =
  /\$\{[^{}\s]+\}|\{\{[^{}]+\}\}|__[A-Z][A-Z0-9_]*?__|(?<![?P(])<[A-Za-z][\w .-]*>|(?<!\$)\{[A-Z][A-Z0-9_]+\}/;

/** A word in capitals is a placeholder where a port, or a name that DNS must know, is written. */
const inCapitals = /^[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)*$/;

const lowerCase = new Set([
  'namespace',
  'host',
  'hostname',
  'hostnames',
  'port',
  'targetPort',
  'nodePort',
  'number',
  'containerPort',
  'gatewayClassName',
  'ingressClassName',
  'serviceName',
  'value',
]);

/** What holds names in any case. */
const anyCase = new Set(['headers', 'queryParams', 'filters', 'annotations']);

const placeholders = new WeakMap<Manifest, readonly Placeholder[]>();

export function placeholdersIn(manifest: Manifest): readonly Placeholder[] {
  let known = placeholders.get(manifest);
  if (known === undefined) {
    known = placesOf(manifest).flatMap((path) => [...found(valueAt(manifest.value, ...path), path)]);
    placeholders.set(manifest, known);
  }
  return known;
}

/** The placeholder that a value is or holds, at a path or beneath it; null for none. */
export function placeholderAt(manifest: Manifest, path: FieldPath): string | null {
  const holds = placeholdersIn(manifest).find(
    (each) => path.length > 0 && path.every((step, index) => each.path[index] === step),
  );
  return holds?.text ?? null;
}

const routed = new Set(['Service', 'Ingress', 'EndpointSlice', 'Endpoints']);

/** What the others name. */
const named = new Set(['Secret', 'ConfigMap', 'IngressClass', 'Namespace']);

function placesOf({ kind, apiVersion, value }: Manifest): FieldPath[] {
  const metadata = ['name', 'namespace', 'labels'].map((field) => ['metadata', field]);
  if (routed.has(kind)) return [...metadata, ['spec'], ['ports'], ['endpoints'], ['subsets']];
  if (apiVersion.startsWith('gateway.networking.')) return [...metadata, ['spec']];
  const template = ['spec', 'template'];
  if (named.has(kind)) return metadata;
  if (valueAt(value, ...template) === undefined && kind !== 'Pod') return [];
  const spec = kind === 'Pod' ? ['spec'] : [...template, 'spec'];
  const containers = valueAt(value, ...spec, 'containers');
  const ports = isList(containers) ? containers.map((_, index) => [...spec, 'containers', index, 'ports']) : [];
  return [...metadata, ['spec', 'selector'], [...template, 'metadata', 'labels'], ...ports];
}

function* found(value: Value | undefined, path: FieldPath): Generator<Placeholder> {
  if (typeof value === 'string') {
    const text = inText.exec(value)?.[0] ?? (isLowerCaseAt(path) && inCapitals.test(value) ? value : null);
    if (text !== null) yield { path, text, isIdentity: isIdentity(path) };
  } else if (isList(value)) for (const [index, item] of value.entries()) yield* found(item, [...path, index]);
  else if (isMap(value)) for (const [key, item] of Object.entries(value)) yield* found(item, [...path, key]);
}

function isLowerCaseAt(path: FieldPath): boolean {
  if (path.some((step) => anyCase.has(`${step}`))) return false;
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  const isName = key === 'name' && (path[0] === 'metadata' || path.includes('backendRefs') || path.includes('service'));
  return isName || lowerCase.has(key);
}

const identifying = new Set(['metadata', 'selector', 'ports', 'namespace']);

function isIdentity(path: FieldPath): boolean {
  return path.some((step) => identifying.has(`${step}`));
}
