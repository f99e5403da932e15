import { type FieldPath, integerAt, itemsAt, textAt, textOf, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import {
  address,
  containerPortName,
  dnsLabel,
  dnsLabelFromLetter,
  dnsSubdomain,
  domainPrefixedPath,
  ingressHost,
  pathSegment,
  portNumber,
} from './formats.ts';
import { relaxedNamesSince } from './service.ts';
import { isWritten } from './shape.ts';

const classAnnotation = 'kubernetes.io/ingress.class';
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const noSequences = ['//', '/./', '/../', '%2f', '%2F'];
const noEndings = ['/..', '/.'];
const longestController = 250;

/**
 * What the API server has against an Ingress when it is created.
 * Source: kubernetes/kubernetes pkg/apis/networking/validation `ValidateIngressCreate` (1.36).
 */
export function judgeIngress(object: Value, kubernetesMinor: number, faults: Faults): void {
  const spec = valueAt(object, 'spec');
  const rules = itemsAt(spec, 'rules');
  const defaultBackend = valueAt(spec, 'defaultBackend');
  if (rules.length === 0 && !isWritten(defaultBackend))
    faults.add('Invalid', ['spec'], 'must have `rules` or a `defaultBackend`');
  if (isWritten(defaultBackend)) judgeBackend(defaultBackend, ['spec', 'defaultBackend'], kubernetesMinor, faults);
  for (const [index, rule] of rules.entries()) judgeRule(rule, ['spec', 'rules', index], kubernetesMinor, faults);
  for (const [index, tls] of itemsAt(spec, 'tls').entries()) {
    for (const [at, host] of itemsAt(tls, 'hosts').entries())
      faults.invalid(['spec', 'tls', index, 'hosts', at], ingressHost(textOf(host) ?? ''));
    const secret = textAt(tls, 'secretName') ?? '';
    if (secret !== '') faults.invalid(['spec', 'tls', index, 'secretName'], dnsSubdomain(secret));
  }
  const name = textAt(spec, 'ingressClassName');
  if (name !== undefined) faults.invalid(['spec', 'ingressClassName'], dnsSubdomain(name));
  const annotated = textAt(object, 'metadata', 'annotations', classAnnotation);
  if (name !== undefined && annotated !== undefined && annotated !== name)
    faults.add(
      'Invalid',
      ['metadata', 'annotations', classAnnotation],
      `is ${annotated}; it must be the ingressClassName, ${name}, where both are written`,
    );
}

function judgeRule(rule: Value, path: FieldPath, kubernetesMinor: number, faults: Faults): void {
  const host = textAt(rule, 'host') ?? '';
  if (host !== '' && address(0)(host).length === 0)
    faults.add('Invalid', [...path, 'host'], 'must be a DNS name, not an address');
  else if (host !== '') faults.invalid([...path, 'host'], ingressHost(host));
  const http = valueAt(rule, 'http');
  if (!isWritten(http)) return;
  const paths = itemsAt(http, 'paths');
  if (paths.length === 0) faults.add('Required', [...path, 'http', 'paths'], 'is required: at least one path');
  for (const [index, each] of paths.entries())
    judgePath(each, [...path, 'http', 'paths', index], kubernetesMinor, faults);
}

/** Source: there, `validateHTTPIngressPath`. */
function judgePath(value: Value, path: FieldPath, kubernetesMinor: number, faults: Faults): void {
  const type = textAt(value, 'pathType');
  const text = textAt(value, 'path') ?? '';
  if (type === undefined) return faults.add('Required', [...path, 'pathType'], `is required: ${pathTypes.join(', ')}`);
  faults.oneOf([...path, 'pathType'], type, pathTypes);
  const isMatched = type === 'Exact' || type === 'Prefix';
  if (!text.startsWith('/') && (isMatched || (type === 'ImplementationSpecific' && text !== '')))
    faults.add('Invalid', [...path, 'path'], "must be an absolute path: it has to begin with '/'", path);
  if (isMatched) {
    const within = noSequences.filter((each) => text.includes(each)).map((each) => `must not contain '${each}'`);
    const at = noEndings.filter((each) => text.endsWith(each)).map((each) => `must not end with '${each}'`);
    faults.invalid([...path, 'path'], [...within, ...at]);
  }
  judgeBackend(valueAt(value, 'backend'), [...path, 'backend'], kubernetesMinor, faults);
}

/** Source: there, `validateIngressBackend`. */
function judgeBackend(backend: Value | undefined, path: FieldPath, kubernetesMinor: number, faults: Faults): void {
  const service = valueAt(backend, 'service');
  const resource = valueAt(backend, 'resource');
  if (isWritten(resource)) {
    if (isWritten(service)) faults.add('Invalid', path, 'may not have both a service and a resource');
    else judgeReference(resource, [...path, 'resource'], faults);
    return;
  }
  if (!isWritten(service)) return faults.add('Invalid', path, 'must have a service or a resource');
  const own = [...path, 'service'];
  const name = textAt(service, 'name') ?? '';
  if (name === '') faults.add('Required', [...own, 'name'], 'is required');
  else faults.invalid([...own, 'name'], (kubernetesMinor >= relaxedNamesSince ? dnsLabel : dnsLabelFromLetter)(name));
  const portName = textAt(service, 'port', 'name') ?? '';
  const number = integerAt(service, 'port', 'number') ?? 0;
  if (portName !== '' && number !== 0)
    faults.add('Invalid', path, "may not have both the port's name and its number", [...own, 'port']);
  else if (portName !== '') faults.invalid([...own, 'port', 'name'], containerPortName(portName));
  else if (number !== 0) faults.invalid([...own, 'port', 'number'], portNumber(number));
  else
    faults.add(
      'Required',
      path,
      "needs the port's name or its number",
      isWritten(valueAt(service, 'port')) ? [...own, 'port'] : own,
    );
}

/** Source: there, `validateIngressTypedLocalObjectReference`. */
function judgeReference(reference: Value, path: FieldPath, faults: Faults): void {
  const group = textAt(reference, 'apiGroup');
  if (group !== undefined) faults.invalid([...path, 'apiGroup'], dnsSubdomain(group));
  for (const field of ['kind', 'name']) {
    const text = textAt(reference, field) ?? '';
    if (text === '') faults.add('Required', [...path, field], 'is required');
    else faults.invalid([...path, field], pathSegment(text));
  }
}

/**
 * What the API server has against an IngressClass.
 * Source: kubernetes/kubernetes pkg/apis/networking/validation `ValidateIngressClass` (1.36).
 */
export function judgeIngressClass(object: Value, _kubernetesMinor: number, faults: Faults): void {
  const path = ['spec', 'controller'];
  const controller = textAt(object, ...path) ?? '';
  if (controller.length > longestController)
    faults.add('TooLong', path, `must be no more than ${longestController} characters`);
  if (controller === '') faults.add('Required', path, 'is required');
  else faults.invalid(path, domainPrefixedPath(controller));
  const parameters = valueAt(object, 'spec', 'parameters');
  if (isWritten(parameters)) judgeParameters(parameters, ['spec', 'parameters'], faults);
}

function judgeParameters(parameters: Value, path: FieldPath, faults: Faults): void {
  judgeReference(parameters, path, faults);
  const scope = textAt(parameters, 'scope') ?? 'Cluster';
  const namespace = textAt(parameters, 'namespace');
  faults.oneOf([...path, 'scope'], scope, ['Cluster', 'Namespace']);
  if (scope === 'Namespace' && namespace === undefined)
    faults.add('Required', [...path, 'namespace'], 'is required when `scope` is Namespace', [...path, 'scope']);
  if (scope === 'Namespace' && namespace !== undefined) faults.invalid([...path, 'namespace'], dnsLabel(namespace));
  if (scope === 'Cluster' && namespace !== undefined)
    faults.add('Forbidden', [...path, 'namespace'], 'may not be set when `scope` is Cluster, which is the default');
}
