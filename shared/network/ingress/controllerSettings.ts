import { byKeyOfModel, type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { podsOfManifest, selectedPods, serviceNamed } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { textsAt } from '../../manifest/value.ts';

/** What a controller is told beside the Ingresses: its arguments, and its ConfigMap. */
export interface ControllerSettings {
  /** An argument's value, `''` for one without; null where it isn't given. Names without regard to case. */
  readonly argument: (name: string) => string | null;
  /** A value of its ConfigMap; null where that has none. */
  readonly config: (key: string) => string | null;
  /** The images of its pod's containers; none where nothing shows them. */
  readonly images: readonly string[];
  /** The version that the profile gives to an implementation, by its id; null where it gives none. */
  readonly version: (implementation: string) => string | null;
  /** Whether all of it is in the set: else what isn't found says nothing. */
  readonly isKnown: boolean;
}

export const unknownSettings: ControllerSettings = {
  argument: () => null,
  config: () => null,
  images: [],
  version: () => null,
  isKnown: false,
};

export function settingsOf(model: ClusterModel, pod: Pod): ControllerSettings {
  return settingsByWorkload(model, pod.manifest.key);
}

const settingsByWorkload = byKeyOfModel((model, key): ControllerSettings => {
  const [pod] = podsOfManifest(model, { key });
  return pod === undefined ? unknownSettings : readSettings(model, pod);
});

function readSettings(model: ClusterModel, pod: Pod): ControllerSettings {
  const given = new Map(
    pod.containers
      .flatMap(({ args }) => args)
      .flatMap((each): [string, string][] => {
        const match = /^--?([^=]+)(?:=(.*))?$/.exec(each);
        return match === null ? [] : [[(match[1] ?? '').toLowerCase(), match[2] ?? '']];
      }),
  );
  const named = given
    .get('configmap')
    ?.replaceAll(/\$\((?:POD_)?NAMESPACE\)/g, pod.namespace)
    .split('/');
  const [namespace = '', name = ''] = named ?? [];
  const data = named === undefined ? null : configMapNamed(model, namespace, name);
  const versions = versionsInProfile(model, pod);
  return {
    argument: (wanted) => given.get(wanted.toLowerCase()) ?? null,
    config: (key) => data?.get(key) ?? null,
    images: pod.containers.map(({ image }) => image).filter((image) => image !== ''),
    version: (implementation) => versions.get(implementation) ?? null,
    isKnown:
      pod.isReal || pod.containers.some(({ args }) => args.length > 0) ? named === undefined || data !== null : false,
  };
}

/** By implementation: of those that the profile says of all, or of the one behind a Service that selects the pod. */
function versionsInProfile(model: ClusterModel, pod: Pod): ReadonlyMap<string, string> {
  const isBefore = (name: string): boolean => {
    const [namespace = '', own = ''] = name.split('/');
    const service = serviceNamed(model, namespace, own);
    return service !== undefined && selectedPods(model, service).includes(pod);
  };
  const told = model.profile.ingressControllers.flatMap(({ implementation, service, version }) =>
    version !== null && (service === null || isBefore(service)) ? [[implementation, version] as const] : [],
  );
  return new Map(told.toReversed());
}

const configMapsByName = indexOfModel(
  ({ declared }) => declared.ofKind('ConfigMap'),
  (manifest: Manifest) => [`${namespaceOf(manifest)}/${manifest.name}`],
);

/** What a ConfigMap holds; null where there is none of that name. */
export function configMapNamed(
  model: ClusterModel,
  namespace: string,
  name: string,
): ReadonlyMap<string, string> | null {
  const [found] = configMapsByName(model).get(`${namespace}/${name}`);
  return found === undefined ? null : (textsAt(found.value, 'data') ?? new Map<string, string>());
}
