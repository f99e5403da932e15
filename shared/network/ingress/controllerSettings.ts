import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Pod } from '../../cluster/pod.ts';
import { namespaceOf } from '../../manifest/manifest.ts';
import { textsAt } from '../../manifest/value.ts';

/** What a controller is told beside the Ingresses: its arguments, and its ConfigMap. */
export interface ControllerSettings {
  /** An argument's value, `''` for one without; null where it isn't given. Names without regard to case. */
  readonly argument: (name: string) => string | null;
  /** A value of its ConfigMap; null where that has none. */
  readonly config: (key: string) => string | null;
  /** Whether all of it is in the set: else what isn't found says nothing. */
  readonly isKnown: boolean;
}

export const unknownSettings: ControllerSettings = { argument: () => null, config: () => null, isKnown: false };

export function settingsOf(model: ClusterModel, pod: Pod): ControllerSettings {
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
  const [namespace, name] = named ?? [];
  const configMap = model.declared
    .ofKind('ConfigMap')
    .find((each) => each.name === name && namespaceOf(each) === namespace);
  const data =
    configMap === undefined
      ? new Map<string, string>()
      : (textsAt(configMap.value, 'data') ?? new Map<string, string>());
  return {
    argument: (wanted) => given.get(wanted.toLowerCase()) ?? null,
    config: (key) => data.get(key) ?? null,
    isKnown:
      pod.isReal || pod.containers.some(({ args }) => args.length > 0)
        ? named === undefined || configMap !== undefined
        : false,
  };
}
