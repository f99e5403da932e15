import { isBuilt } from '../../shared/built/builtSet.ts';
import { selectedPods, serviceNamed, servicesIn } from '../../shared/cluster/lookups.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import type { Service } from '../../shared/cluster/service.ts';
import { fieldOf, type Manifest, namespaceOf } from '../../shared/manifest/manifest.ts';
import { integerAt, itemsAt, textAt, valueAt } from '../../shared/manifest/value.ts';
import {
  again,
  copy,
  entriesAt,
  gone,
  itemsWith,
  key,
  type Mistake,
  more,
  otherNumber,
  raw,
  value,
} from './mistake.ts';
import { isAsked, isNamedBeside, namersOf, refused } from './around.ts';

/** In a Service's own manifest. */
export const inServices: readonly Mistake[] = [
  {
    name: 'selector: a letter wrong',
    kinds: ['Service'],
    rules: ['selector-matches-no-pod'],
    least: 'warning',
    *places({ manifest, value: written, model, isComplete, slip }) {
      if (!isComplete || podsOf(model, manifest).length === 0) return;
      for (const path of entriesAt(written, 'spec', 'selector')) yield { change: value(manifest, path, slip(...path)) };
    },
  },
  {
    name: 'selector: a key wrong',
    kinds: ['Service'],
    rules: ['selector-matches-no-pod'],
    least: 'warning',
    *places({ manifest, value: written, model, isComplete }) {
      if (!isComplete || podsOf(model, manifest).length === 0) return;
      for (const path of entriesAt(written, 'spec', 'selector'))
        yield { change: key(manifest, path, `${path.at(-1)}s`) };
    },
  },
  {
    name: 'targetPort: a letter of the name wrong',
    kinds: ['Service'],
    rules: ['target-port-not-offered'],
    least: 'warning',
    *places({ manifest, value: written, model, isComplete, slip }) {
      if (!isComplete || podsOf(model, manifest).length === 0) return;
      for (const { item, at } of itemsWith(written, 'spec', 'ports'))
        if (Number.isNaN(Number(textAt(item, 'targetPort'))))
          yield { change: value(manifest, [...at, 'targetPort'], slip(...at, 'targetPort')) };
    },
  },
  {
    name: 'targetPort: another number',
    kinds: ['Service'],
    rules: ['target-port-not-offered'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete }) {
      const pods = podsOf(model, manifest);
      if (!isComplete || pods.length === 0) return;
      for (const { item, at } of itemsWith(written, 'spec', 'ports')) {
        const number = otherNumber(item, 'targetPort');
        const isDeclared = pods.every((pod) => declares(pod, Number(number) - 1000) && !declares(pod, Number(number)));
        if (number !== null && isDeclared) yield { change: value(manifest, [...at, 'targetPort'], number) };
      }
    },
  },
  {
    name: 'port: another number, under an Ingress or a route',
    kinds: ['Service'],
    rules: ['ingress-backend-missing', 'route-backend-missing'],
    least: 'warning',
    *places({ manifest, value: written, model, isComplete }) {
      if (!isComplete) return;
      for (const { item, at } of itemsWith(written, 'spec', 'ports')) {
        const number = integerAt(item, 'port');
        const namers = namersOf(model, manifest, number);
        // ingress-nginx takes the targetPort too.
        if (isAsked(model, `${manifest.name}:${number}`)) return;
        if (number !== undefined && namers.length > 0 && (integerAt(item, 'targetPort') ?? number) !== number)
          yield { change: value(manifest, [...at, 'port'], String(number + 1000)), at: namers };
      }
    },
  },
  {
    name: 'name: a letter wrong, under an Ingress or a route',
    kinds: ['Service'],
    rules: ['ingress-backend-missing', 'route-backend-missing'],
    least: 'warning',
    *places({ manifest, model, isComplete, slip }) {
      const namers = namersOf(model, manifest, null);
      if (isComplete && namers.length > 0 && !isNamedBeside(model, manifest.name))
        yield { change: value(manifest, ['metadata', 'name'], slip('metadata', 'name')), at: namers };
    },
  },
  {
    name: 'namespace: a letter wrong',
    kinds: ['Service'],
    rules: ['selector-matches-no-pod'],
    least: 'warning',
    *places({ manifest, model, isComplete, isOwn, slip }) {
      const isUsed = podsOf(model, manifest).some((pod) => isOwn(pod.manifest));
      const isNamed = namersOf(model, manifest, null).length > 0;
      if (isComplete && isUsed && !isNamed && !isBuilt(manifest.uri))
        yield {
          change: value(manifest, ['metadata', 'namespace'], slip('metadata', 'namespace')),
          at: [fieldOf(manifest, 'metadata', 'namespace'), fieldOf(manifest, 'spec', 'selector')],
        };
    },
  },
  {
    name: 'selector: copied from another Service',
    kinds: ['Service'],
    rules: ['selector-copied'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete }) {
      const pods = podsOf(model, manifest);
      if (!isComplete || !pods.some(({ owner }) => owner.name === manifest.name)) return;
      const [path, ...others] = entriesAt(written, 'spec', 'selector');
      const isShared = servicesIn(model, namespaceOf(manifest)).some(
        (each) => each.name !== manifest.name && selectedPods(model, each).some((pod) => pods.includes(pod)),
      );
      const isPlain = itemsAt(written, 'spec', 'ports').length === 1;
      if (path === undefined || others.length > 0 || isShared || !isPlain) return;
      for (const other of servicesIn(model, namespaceOf(manifest))) {
        const label = other.selector?.get(String(path.at(-1)));
        const isAlone = other.selector?.size === 1 && selectedPods(model, other).length > 0;
        const hasPort = other.ports.some(
          ({ port, targetPort }) =>
            port === integerAt(written, 'spec', 'ports', 0, 'port') &&
            targetPort === (valueAt(written, 'spec', 'ports', 0, 'targetPort') ?? port),
        );
        if (label !== undefined && isAlone && hasPort && other.name !== manifest.name)
          yield { change: value(manifest, path, label) };
      }
    },
  },
  {
    name: 'the same Service again, with another port',
    kinds: ['Service'],
    rules: ['same-object-twice'],
    least: 'warning',
    *places({ manifest, value: written, model, isComplete }) {
      const number = otherNumber(written, 'spec', 'ports', 0, 'port');
      const isNamed = namersOf(model, manifest, null).length > 0;
      if (itemsAt(written, 'spec', 'ports').length > 1 || valueAt(written, 'spec', 'clusterIP') !== undefined) return;
      if (isComplete && number !== null && !isNamed && valueAt(written, 'spec', 'ports', 0, 'targetPort') !== undefined)
        yield { change: copy(manifest, [[['spec', 'ports', 0, 'port'], number]]), at: [nameOf(manifest)] };
    },
  },
  {
    name: 'ports: a name twice',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written, model }) {
      const [first, ...others] = itemsWith(written, 'spec', 'ports');
      const name = textAt(first?.item, 'name');
      for (const { item, at } of name === undefined ? [] : others)
        if (!isNamedBeside(model, textAt(item, 'name') ?? ''))
          yield { change: value(manifest, [...at, 'name'], name ?? '') };
    },
  },
  {
    name: 'ports: one of several without a name',
    kinds: ['Service'],
    rules: ['port-name-missing'],
    least: 'error',
    *places({ manifest, value: written }) {
      const ports = itemsWith(written, 'spec', 'ports');
      for (const { at } of ports.length > 1 ? ports : []) yield { change: gone(manifest, [...at, 'name']) };
    },
  },
  {
    name: 'ports: the same port again',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const { item, at } of itemsWith(written, 'spec', 'ports')) {
        const isPlain = valueAt(item, 'nodePort') === undefined;
        if (isPlain && valueAt(item, 'name') !== undefined)
          yield { change: again(manifest, at, [[['name'], 'again']]) };
      }
    },
  },
  {
    name: 'port: beyond 65535',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written, model }) {
      for (const { item, at } of itemsWith(written, 'spec', 'ports'))
        if (namersOf(model, manifest, null).length === 0 && valueAt(item, 'targetPort') !== undefined)
          yield { change: value(manifest, [...at, 'port'], '70000') };
    },
  },
  {
    name: 'port: in quotes',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const { item, at } of itemsWith(written, 'spec', 'ports'))
        yield { change: raw(manifest, [...at, 'port'], `"${textAt(item, 'port')}"`) };
    },
  },
  {
    name: 'nodePort: out of the range',
    kinds: ['Service'],
    rules: ['node-port-out-of-range'],
    least: 'error',
    *places({ manifest, value: written, model }) {
      const type = serviceOf(model, manifest)?.type;
      if (type !== 'NodePort' && type !== 'LoadBalancer') return;
      for (const { item, at } of itemsWith(written, 'spec', 'ports'))
        yield {
          change:
            valueAt(item, 'nodePort') === undefined
              ? more(manifest, at, 'nodePort: 8080')
              : value(manifest, [...at, 'nodePort'], '8080'),
        };
    },
  },
  {
    name: 'nodePort: one that another Service has',
    kinds: ['Service'],
    rules: ['node-port-taken-twice'],
    least: 'error',
    *places({ manifest, value: written, model }) {
      const type = serviceOf(model, manifest)?.type;
      if (type !== 'NodePort' && type !== 'LoadBalancer') return;
      const taken = model.services
        .filter(({ name }) => name !== manifest.name)
        .flatMap((each) =>
          each.ports.flatMap(({ nodePort, nodePortAssigned, index }) =>
            nodePort === null || nodePortAssigned
              ? []
              : [{ nodePort, of: fieldOf(each.manifest, 'spec', 'ports', index) }],
          ),
        );
      for (const { item, at } of itemsWith(written, 'spec', 'ports'))
        for (const { nodePort, of } of taken)
          yield {
            change:
              valueAt(item, 'nodePort') === undefined
                ? more(manifest, at, `nodePort: ${nodePort}`)
                : value(manifest, [...at, 'nodePort'], String(nodePort)),
            at: [fieldOf(manifest, ...at), of],
          };
    },
  },
  {
    name: 'clusterIP: no address',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written }) {
      if (textAt(written, 'spec', 'type') === 'ExternalName') return;
      yield {
        change:
          valueAt(written, 'spec', 'clusterIP') === undefined
            ? more(manifest, ['spec'], 'clusterIP: 10.96.0.300')
            : value(manifest, ['spec', 'clusterIP'], '10.96.0.300'),
      };
    },
  },
  {
    name: 'type: wrong case',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written }) {
      const type = textAt(written, 'spec', 'type') ?? '';
      if (type !== 'ExternalName')
        yield { change: value(manifest, ['spec', 'type'], `${type[0]}${type.slice(1).toLowerCase()}`) };
    },
  },
  {
    name: 'protocol: in small letters',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const { item, at } of itemsWith(written, 'spec', 'ports'))
        yield { change: value(manifest, [...at, 'protocol'], (textAt(item, 'protocol') ?? '').toLowerCase()) };
    },
  },
  {
    name: 'protocol: UDP over a port that is declared for TCP',
    kinds: ['Service'],
    rules: ['target-port-not-offered'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete }) {
      const pods = podsOf(model, manifest);
      if (!isComplete || pods.length === 0 || namersOf(model, manifest, null).length > 0) return;
      for (const { item, at } of itemsWith(written, 'spec', 'ports')) {
        const target = integerAt(item, 'targetPort');
        if (target === undefined || !pods.every((pod) => declares(pod, target)) || isAlsoUDP(pods, target)) continue;
        const now = valueAt(item, 'protocol');
        yield {
          change: now === undefined ? more(manifest, at, 'protocol: UDP') : value(manifest, [...at, 'protocol'], 'UDP'),
          at: [fieldOf(manifest, ...at)],
        };
      }
    },
  },
  {
    name: 'externalTrafficPolicy: in small letters',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written, model }) {
      const type = serviceOf(model, manifest)?.type;
      if (type === 'ClusterIP' || type === 'ExternalName') return;
      yield {
        change:
          valueAt(written, 'spec', 'externalTrafficPolicy') === undefined
            ? more(manifest, ['spec'], 'externalTrafficPolicy: local')
            : value(manifest, ['spec', 'externalTrafficPolicy'], 'local'),
      };
    },
  },
  {
    name: 'externalTrafficPolicy: of a ClusterIP',
    kinds: ['Service'],
    rules: ['external-traffic-policy-without-meaning'],
    least: 'error',
    *places({ manifest, model }) {
      const service = serviceOf(model, manifest);
      if (service?.type === 'ClusterIP' && service.externalIPs.length === 0)
        yield { change: more(manifest, ['spec'], 'externalTrafficPolicy: Local') };
    },
  },
  {
    name: 'loadBalancerSourceRanges: without a load balancer',
    kinds: ['Service'],
    rules: ['source-ranges-without-load-balancer'],
    least: 'error',
    *places({ manifest, model }) {
      const type = serviceOf(model, manifest)?.type;
      if (type === 'ClusterIP' || type === 'NodePort')
        yield { change: more(manifest, ['spec'], 'loadBalancerSourceRanges: [10.0.0.0/8]') };
    },
  },
  {
    name: 'loadBalancerSourceRanges: no range',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written, model }) {
      if (serviceOf(model, manifest)?.type !== 'LoadBalancer') return;
      if (valueAt(written, 'spec', 'loadBalancerSourceRanges') === undefined)
        yield { change: more(manifest, ['spec'], 'loadBalancerSourceRanges: [10.0.0.0/33]') };
    },
  },
  {
    name: 'clusterIP: None, of a load balancer',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written, model }) {
      if (serviceOf(model, manifest)?.type !== 'LoadBalancer') return;
      if (valueAt(written, 'spec', 'clusterIP') === undefined)
        yield { change: more(manifest, ['spec'], 'clusterIP: None') };
    },
  },
  {
    name: 'targetPort: written targetport',
    kinds: ['Service'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const { item, at } of itemsWith(written, 'spec', 'ports'))
        if (textAt(item, 'targetPort') === textAt(item, 'port'))
          yield { change: key(manifest, [...at, 'targetPort'], 'targetport') };
    },
  },
  {
    name: 'selector: written selectors',
    kinds: ['Service'],
    ...refused,
    *places({ manifest }) {
      yield { change: key(manifest, ['spec', 'selector'], 'selectors') };
    },
  },
  {
    name: 'externalName: the Service itself',
    kinds: ['Service'],
    rules: ['alias-loop'],
    least: 'warning',
    *places({ manifest, value: written }) {
      if (textAt(written, 'spec', 'type') === 'ExternalName')
        yield {
          change: value(
            manifest,
            ['spec', 'externalName'],
            `${manifest.name}.${namespaceOf(manifest)}.svc.cluster.local`,
          ),
        };
    },
  },
  {
    name: 'EndpointSlice: no address',
    kinds: ['EndpointSlice'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const { item, at } of itemsWith(written, 'endpoints'))
        for (const [index, address] of itemsAt(item, 'addresses').entries())
          yield { change: value(manifest, [...at, 'addresses', index], `${String(address)}1234`) };
    },
  },
];

function serviceOf(model: ClusterModel, manifest: Manifest): Service | undefined {
  return serviceNamed(model, namespaceOf(manifest), manifest.name);
}

/** The pods that a Service is in front of; none where its endpoints are written. */
export function podsOf(model: ClusterModel, manifest: Manifest): readonly Pod[] {
  const service = serviceOf(model, manifest);
  if (service === undefined || model.endpointsOf(service).source !== 'pods') return [];
  return selectedPods(model, service);
}

function declares({ containers }: Pod, number: number): boolean {
  return containers.some(({ ports }) => ports.some(({ port }) => port === number));
}

function isAlsoUDP(pods: readonly Pod[], number: number): boolean {
  return pods.some(({ containers }) =>
    containers.some(({ ports }) => ports.some(({ port, protocol }) => port === number && protocol !== 'TCP')),
  );
}

function nameOf(manifest: Manifest): ReturnType<typeof fieldOf> {
  return fieldOf(manifest, 'metadata', 'name');
}
