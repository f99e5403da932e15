import { podsOfManifest, serviceNamed, servicesIn } from '../../shared/cluster/lookups.ts';
import type { Service } from '../../shared/cluster/service.ts';
import { fieldOf, namespaceOf } from '../../shared/manifest/manifest.ts';
import { type FieldPath, integerAt, textAt, textsAt, valueAt } from '../../shared/manifest/value.ts';
import { namersOf, refused } from './around.ts';
import { copy, entriesAt, itemsWith, key, type Mistake, type Spot, value } from './mistake.ts';
import { podsOf } from './services.ts';

const owners = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];

/** In workloads, and in what names them. */
export const inWorkloads: readonly Mistake[] = [
  {
    name: 'label of a pod: a letter wrong',
    kinds: ['Pod', 'ReplicationController'],
    rules: ['selector-matches-no-pod'],
    least: 'warning',
    *places({ manifest, value: written, model, isComplete, slip }) {
      const services = servicesAlone({ manifest, model });
      if (!isComplete || valueAt(written, 'spec', 'selector') !== undefined) return;
      for (const path of entriesAt(written, ...templateOf(manifest.kind), 'metadata', 'labels')) {
        const wanting = services.filter(({ selector }) => selector?.has(String(path.at(-1))));
        const at = wanting.map((each) => fieldOf(each.manifest, 'spec', 'selector'));
        if (at.length > 0) yield { change: value(manifest, path, slip(...path)), at };
      }
    },
  },
  {
    name: "label of a template: a letter wrong, so that its selector doesn't take it",
    kinds: owners,
    rules: ['selector-not-of-template', ...refused.rules],
    least: 'error',
    *places({ manifest, value: written, isComplete, slip }) {
      for (const path of isComplete ? entriesAt(written, 'spec', 'template', 'metadata', 'labels') : []) {
        const selector: FieldPath = ['spec', 'selector', 'matchLabels', String(path.at(-1))];
        if (valueAt(written, ...selector) === undefined) continue;
        const at = [fieldOf(manifest, ...path), fieldOf(manifest, 'spec', 'selector')];
        yield { change: value(manifest, path, slip(...path)), at };
      }
    },
  },
  {
    name: "selector of a workload: a letter wrong, so that it doesn't take its template",
    kinds: owners,
    rules: ['selector-not-of-template', ...refused.rules],
    least: 'error',
    *places({ manifest, value: written, isComplete, slip }) {
      for (const path of isComplete ? entriesAt(written, 'spec', 'selector', 'matchLabels') : []) {
        const at = [
          fieldOf(manifest, ...path),
          fieldOf(manifest, 'spec', 'template', 'metadata', 'labels', String(path.at(-1))),
        ];
        yield { change: value(manifest, path, slip(...path)), at };
      }
    },
  },
  {
    name: 'container port: a letter of the name wrong, under a Service',
    kinds: [...owners, 'Pod', 'ReplicationController'],
    rules: ['target-port-not-offered'],
    least: 'warning',
    *places({ manifest, model, isComplete, slip, value: written }) {
      if (!isComplete) return;
      for (const { item, at } of portsOf(manifest.kind, written)) {
        const name = textAt(item, 'name');
        const wanting = servicesOf({ manifest, model }).flatMap((service) =>
          service.ports
            .filter(({ targetPort }) => targetPort === name)
            .map(({ index }) => fieldOf(service.manifest, 'spec', 'ports', index)),
        );
        if (name !== undefined && wanting.length > 0 && !isProbed(written, name))
          yield { change: value(manifest, [...at, 'name'], slip(...at, 'name')), at: wanting };
      }
    },
  },
  {
    name: 'container port: a name of more than 15 letters',
    kinds: [...owners, 'Pod'],
    ...refused,
    *places({ manifest, value: written, model }) {
      for (const { item, at } of portsOf(manifest.kind, written))
        if (!isWanted({ manifest, model }, textAt(item, 'name')) && !isProbed(written, textAt(item, 'name')))
          yield { change: value(manifest, [...at, 'name'], `${textAt(item, 'name')}-of-the-container`) };
    },
  },
  {
    name: 'container port: the same name twice',
    kinds: [...owners, 'Pod'],
    ...refused,
    *places({ manifest, value: written, model }) {
      const [first, ...others] = portsOf(manifest.kind, written);
      const name = textAt(first?.item, 'name');
      for (const { item, at } of name === undefined ? [] : others)
        if (at.slice(0, -1).join() === first?.at.slice(0, -1).join())
          if (!isWanted({ manifest, model }, textAt(item, 'name')) && !isProbed(written, textAt(item, 'name')))
            yield { change: value(manifest, [...at, 'name'], name ?? '') };
    },
  },
  {
    name: 'containerPort: beyond 65535',
    kinds: [...owners, 'Pod'],
    ...refused,
    *places({ manifest, value: written, model }) {
      for (const { item, at } of portsOf(manifest.kind, written))
        if (!isWanted({ manifest, model }, integerAt(item, 'containerPort')))
          yield { change: value(manifest, [...at, 'containerPort'], '70000') };
    },
  },
  {
    name: 'containerPort: written containerport',
    kinds: [...owners, 'Pod'],
    ...refused,
    *places({ manifest, value: written, model }) {
      for (const { item, at } of portsOf(manifest.kind, written))
        if (!isWanted({ manifest, model }, integerAt(item, 'containerPort')))
          yield { change: key(manifest, [...at, 'containerPort'], 'containerport') };
    },
  },
  {
    name: 'readiness probe: a port name that no container has',
    kinds: owners,
    rules: ['probe-port-missing'],
    least: 'warning',
    *places({ manifest, value: written, slip }) {
      for (const path of probePorts(written, 'readinessProbe'))
        if (Number.isNaN(Number(textAt(written, ...path)))) yield { change: value(manifest, path, slip(...path)) };
    },
  },
  {
    name: 'replicas: 0, behind a Service',
    kinds: ['Deployment', 'StatefulSet'],
    rules: ['no-replicas', 'pods-not-there'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete }) {
      if (!isComplete || valueAt(written, 'spec', 'replicas') === undefined) return;
      const alone = servicesAlone({ manifest, model });
      const at = [
        fieldOf(manifest, 'spec', 'replicas'),
        ...alone.map((each) => fieldOf(each.manifest, 'spec', 'selector')),
      ];
      if (alone.length > 0) yield { change: value(manifest, ['spec', 'replicas'], '0'), at };
    },
  },
  {
    name: 'apiVersion: one that is gone',
    kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Ingress'],
    // Where a patch says it, it is for another object.
    rules: ['gone-api-version', 'patch-without-target'],
    least: 'warning',
    *places({ manifest }) {
      const old = manifest.kind === 'Ingress' ? 'networking.k8s.io/v1beta1' : 'apps/v1beta2';
      if (['apps/v1', 'networking.k8s.io/v1'].includes(manifest.apiVersion))
        yield { change: value(manifest, ['apiVersion'], old) };
    },
  },
  {
    name: 'apiVersion: one that the kind never had',
    kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Service', 'Ingress'],
    rules: ['no-such-api-version', 'patch-without-target'],
    least: 'error',
    *places({ manifest, model }) {
      if (namersOf(model, manifest, null).length === 0)
        yield { change: value(manifest, ['apiVersion'], manifest.apiVersion === 'v1' ? 'apps/v1' : 'v1') };
    },
  },
  {
    name: 'the same workload again, with other replicas',
    kinds: ['Deployment', 'StatefulSet'],
    rules: ['same-object-twice'],
    least: 'warning',
    *places({ manifest, value: written, isComplete }) {
      if (isComplete && valueAt(written, 'spec', 'replicas') !== undefined)
        yield { change: copy(manifest, [[['spec', 'replicas'], '7']]), at: [fieldOf(manifest, 'metadata', 'name')] };
    },
  },
  {
    name: 'environment: a letter of a Service wrong',
    kinds: owners,
    rules: ['host-misspelt'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete, slip }) {
      if (!isComplete) return;
      for (const { path, text, service } of addressesIn(written, model, namespaceOf(manifest))) {
        const name = slip(...path) === text ? service.name : `${service.name.slice(0, -2)}${service.name.at(-1)}`;
        if (service.name.length > 4) yield { change: value(manifest, path, text.replace(service.name, name)) };
      }
    },
  },
  {
    name: "environment: a port that the Service hasn't",
    kinds: owners,
    rules: ['host-port-missing'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete }) {
      if (!isComplete) return;
      for (const { path, text, port } of addressesIn(written, model, namespaceOf(manifest)))
        yield { change: value(manifest, path, text.replace(`:${port}`, `:${port + 1}`)) };
    },
  },
  {
    name: 'HorizontalPodAutoscaler: a letter of its target wrong',
    kinds: ['HorizontalPodAutoscaler'],
    rules: ['name-misspelt'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete, slip }) {
      const path = ['spec', 'scaleTargetRef', 'name'];
      const isThere = model.declared
        .ofKind(textAt(written, 'spec', 'scaleTargetRef', 'kind') ?? '')
        .some(({ name }) => name === textAt(written, ...path));
      if (isComplete && isThere) yield { change: value(manifest, path, slip(...path)) };
    },
  },
  {
    name: 'PodDisruptionBudget: a letter of its selector wrong',
    kinds: ['PodDisruptionBudget'],
    rules: ['budget-protects-nothing'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete, slip }) {
      const selector = textsAt(written, 'spec', 'selector', 'matchLabels') ?? new Map<string, string>();
      if (!isComplete || !picksPods({ manifest, model }, selector)) return;
      for (const path of entriesAt(written, 'spec', 'selector', 'matchLabels'))
        yield { change: value(manifest, path, slip(...path)) };
    },
  },
  {
    name: 'ServiceMonitor: a letter of its selector wrong',
    kinds: ['ServiceMonitor'],
    rules: ['monitor-scrapes-nothing'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete, slip }) {
      const selector = textsAt(written, 'spec', 'selector', 'matchLabels') ?? new Map<string, string>();
      const isThere = model.services.some(({ manifest: { labels } }) =>
        [...selector].every(([label, text]) => labels.get(label) === text),
      );
      for (const path of isThere && isComplete ? entriesAt(written, 'spec', 'selector', 'matchLabels') : [])
        yield { change: value(manifest, path, slip(...path)) };
    },
  },
];

/** Where the pod of a kind is described. */
function templateOf(kind: string): FieldPath {
  return kind === 'Pod' ? [] : ['spec', 'template'];
}

/** The Services that pick a workload's pods. */
function servicesOf({ manifest, model }: Pick<Spot, 'manifest' | 'model'>): readonly Service[] {
  const [pod] = podsOfManifest(model, manifest);
  if (pod === undefined) return [];
  return servicesIn(model, pod.namespace).filter(
    ({ selector }) => selector !== null && [...selector].every(([label, text]) => pod.labels.get(label) === text),
  );
}

/** Those that pick no others. */
function servicesAlone(spot: Pick<Spot, 'manifest' | 'model'>): readonly Service[] {
  return servicesOf(spot).filter((each) =>
    podsOf(spot.model, each.manifest).every((pod) => pod.manifest.key === spot.manifest.key),
  );
}

function portsOf(kind: string, written: Spot['value']): { readonly item: Spot['value']; readonly at: FieldPath }[] {
  return itemsWith(written, ...templateOf(kind), 'spec', 'containers').flatMap(({ at }) =>
    itemsWith(written, ...at, 'ports'),
  );
}

/** Whether a Service sends something to a port of a workload, by its name or its number. */
function isWanted(spot: Pick<Spot, 'manifest' | 'model'>, port: string | number | undefined): boolean {
  return servicesOf(spot).some(({ ports }) => ports.some(({ targetPort }) => targetPort === port));
}

function isProbed(written: Spot['value'], port: string | undefined): boolean {
  return ['readinessProbe', 'livenessProbe', 'startupProbe'].some((probe) =>
    probePorts(written, probe).some((path) => textAt(written, ...path) === port),
  );
}

function probePorts(written: Spot['value'], probe: string): FieldPath[] {
  return itemsWith(written, 'spec', 'template', 'spec', 'containers').flatMap(({ at }) =>
    ['httpGet', 'tcpSocket'].map((handler) => [...at, probe, handler, 'port']),
  );
}

/** `NAME:PORT` of a Service in the environment of containers. */
function addressesIn(
  written: Spot['value'],
  model: Spot['model'],
  namespace: string,
): { readonly path: FieldPath; readonly text: string; readonly service: Service; readonly port: number }[] {
  return itemsWith(written, 'spec', 'template', 'spec', 'containers')
    .flatMap(({ at }) => itemsWith(written, ...at, 'env'))
    .flatMap(({ item, at }) => {
      const text = textAt(item, 'value') ?? '';
      const [, name = '', port = ''] = /^(?:\w+:\/\/)?([a-z][\w-]*):(\d+)(?:\/|$)/.exec(text) ?? [];
      const service = serviceNamed(model, namespace, name);
      const isOffered = service?.ports.some((each) => each.port === Number(port)) === true;
      return service !== undefined && isOffered && service.selector !== null
        ? [{ path: [...at, 'value'], text, service, port: Number(port) }]
        : [];
    });
}

function picksPods(
  { manifest, model }: Pick<Spot, 'manifest' | 'model'>,
  selector: ReadonlyMap<string, string>,
): boolean {
  return model.pods.some(
    ({ namespace, labels }) =>
      namespace === namespaceOf(manifest) &&
      selector.size > 0 &&
      [...selector].every(([label, text]) => labels.get(label) === text),
  );
}
