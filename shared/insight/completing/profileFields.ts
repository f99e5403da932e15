import {
  cnis,
  encapsulations,
  detectLocalModes,
  isProfile,
  loadBalancerModes,
  loadBalancerTargets,
  policyEnforcers,
  type ProfileShape,
  profileFields,
  proxyModes,
} from '../../cluster/profile.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { keysAt, textAt, itemsAt, type FieldPath } from '../../manifest/value.ts';
import { implementations } from '../../network/gateway/implementations/all.ts';
import { dialects } from '../../network/ingress/dialects.ts';
import { loadBalancerKinds } from '../../network/loadBalancers/catalogue.ts';
import { about, type AskedPlace, type Candidate } from './candidate.ts';
import { cursorWord, isAt } from './cursor.ts';

/** The fields of a ClusterProfile, and what can stand in them. */
export function profileFieldsAt({ scene: { model }, manifest, path, part }: AskedPlace): Candidate[] {
  if (!isProfile(manifest)) return [];
  if (part === 'key') return fieldsAt(manifest, path);
  const values = (texts: readonly string[], detail = ''): Candidate[] =>
    texts.map((text) => ({ text, kind: 'value', about: about(detail) }));
  const nodes = (): Candidate[] =>
    values(
      model.nodes.map(({ name }) => name),
      'node',
    );
  const found = Object.entries<() => Candidate[]>({
    'spec.kubeProxy.mode': () => values(proxyModes),
    'spec.kubeProxy.detectLocal': () => values(detectLocalModes),
    'spec.kubeProxy.loadBalancerMode': () => values(loadBalancerModes),
    'spec.kubeProxy.nodePortAddresses.*': () => values(['primary']),
    'spec.podNetwork.cni': () => values(cnis),
    'spec.podNetwork.policies': () => values(policyEnforcers),
    'spec.podNetwork.encapsulation': () => values(encapsulations),
    'spec.loadBalancer.target': () => values(loadBalancerTargets),
    'spec.loadBalancer.provider': () =>
      loadBalancerKinds.map(({ id, title }) => ({ text: id, kind: 'value', about: about(title) })),
    'spec.loadBalancers.*.nodes.*': nodes,
    'spec.loadBalancers.*.nodePort': () =>
      model.services.flatMap(({ manifest: { name }, ports }) =>
        ports.flatMap(({ nodePort, nodePortAssigned, port }) =>
          nodePort === null || nodePortAssigned ? [] : numbers([nodePort], `Service ${name}:${port}`),
        ),
      ),
    'spec.loadBalancers.*.layer': () => [...numbers([4], 'passes packets on'), ...numbers([7], 'proxies requests')],
    'spec.ingressControllers.*.class': () => [
      ...model.declared.ofKind('IngressClass').flatMap(({ name }) => values([name], 'IngressClass')),
      ...model.declared.ofKind('GatewayClass').flatMap(({ name }) => values([name], 'GatewayClass')),
    ],
    'spec.ingressControllers.*.implementation': () => [
      ...dialects.map(({ id, product }): Candidate => ({ text: id, kind: 'value', about: about(product) })),
      ...implementations.flatMap(({ id }) =>
        dialects.some((each) => each.id === id) || id === 'standard' || id === 'unknown'
          ? []
          : values([id], 'of the Gateway API'),
      ),
    ],
    'spec.ingressControllers.*.service': () =>
      model.declared
        .ofKind('Service')
        .toSorted((a, b) => Number(isForOutside(b)) - Number(isForOutside(a)))
        .map((each) => ({
          text: `${namespaceOf(each)}/${each.name}`,
          kind: 'object',
          about: about(`Service of type ${textAt(each.value, 'spec', 'type') ?? 'ClusterIP'}`),
        })),
    'spec.routes.*.via': nodes,
    'spec.podNetwork.routable': booleans,
    'spec.kubeProxy.masqueradeAll': booleans,
    'spec.kubeProxy.localhostNodePorts': booleans,
    'spec.nodes.*.ready': booleans,
    'spec.nodes.*.zone': () =>
      values(
        [...new Set(itemsAt(manifest.value, 'spec', 'nodes').flatMap((each) => textAt(each, 'zone') ?? []))],
        'zone',
      ),
  }).find(([pattern]) => isAt(path, pattern));
  return (found?.[1]() ?? []).filter(({ text }) => text !== cursorWord);
}

function isForOutside({ value }: Manifest): boolean {
  return ['LoadBalancer', 'NodePort'].includes(textAt(value, 'spec', 'type') ?? '');
}

function numbers(all: readonly number[], detail: string): Candidate[] {
  return all.map((each) => ({ text: String(each), kind: 'value', about: about(detail), isNumber: true }));
}

function booleans(): Candidate[] {
  return ['true', 'false'].map((text) => ({ text, kind: 'value', about: about(''), isNumber: true }));
}

function fieldsAt(manifest: Manifest, path: FieldPath): Candidate[] {
  const above = path.slice(0, -1);
  const found = shapes.find(([pattern]) => isAt(above, pattern));
  if (found === undefined) return [];
  const [, shape] = found;
  const written = keysAt(manifest.value, ...above);
  return Object.entries(profileFields[shape])
    .filter(([name]) => !written.includes(name))
    .map(([text, meaning]) => ({ text, kind: 'field', about: about('ClusterProfile', meaning) }));
}

/** Which fields stand where. */
const shapes: readonly (readonly [pattern: string, shape: ProfileShape])[] = [
  ['spec', 'spec'],
  ['spec.nodes.*', 'node'],
  ['spec.nodes', 'nodes'],
  ['spec.kubeProxy', 'kubeProxy'],
  ['spec.podNetwork', 'podNetwork'],
  ['spec.loadBalancer', 'loadBalancer'],
  ['spec.loadBalancers.*', 'loadBalancers'],
  ['spec.ingressControllers.*', 'ingressControllers'],
  ['spec.routes.*', 'routes'],
];
