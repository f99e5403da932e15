import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { endpointsOfAllFamilies, nameKey, serviceNamed } from '../../cluster/lookups.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { keysAt } from '../../manifest/value.ts';
import { configMapNamed, type ControllerSettings, unknownSettings } from './controllerSettings.ts';

/** What a controller looks at beside the Ingresses. All of it is looked up by name. */
export interface Surroundings {
  readonly settings: ControllerSettings;
  /** A Service, and which of its ports have a ready endpoint; null where there is none. */
  readonly service: (namespace: string, name: string) => SurroundingService | null;
  /** Null where there is no such Secret. */
  readonly secret: (namespace: string, name: string) => { readonly has: (key: string) => boolean } | null;
  /**
   * All Ingresses of the same controller, of whatever host; null where they aren't known. Ask only where those of the
   * host leave it open: whoever asks is made again with each of them.
   */
  readonly allIngresses: () => readonly Ingress[] | null;
  /** Null where there is no such ConfigMap. */
  readonly configMap: (namespace: string, name: string) => ReadonlyMap<string, string> | null;
}

export interface SurroundingService {
  /** Null where nothing is known of it. */
  readonly service: Service | null;
  readonly hasEndpoints: (port: ServicePort) => boolean;
}

/** For rules, which look at the Ingresses alone: whatever they name is there and works. */
export const unknownSurroundings: Surroundings = {
  settings: unknownSettings,
  service: () => ({ service: null, hasEndpoints: () => true }),
  secret: () => ({ has: () => true }),
  allIngresses: () => null,
  configMap: () => new Map(),
};

export function surroundingsOf(
  model: ClusterModel,
  settings: ControllerSettings,
  allIngresses: Surroundings['allIngresses'] = () => null,
): Surroundings {
  return {
    settings,
    service(namespace, name) {
      const service = serviceNamed(model, namespace, name);
      if (service === undefined) return null;
      return {
        service,
        hasEndpoints: (port) =>
          service.type === 'ExternalName' || endpointsOfAllFamilies(model, service, port).some(({ ready }) => ready),
      };
    },
    secret(namespace, name) {
      const [secret] = secretsByName(model).get(`${namespace}/${name}`);
      if (secret === undefined) return null;
      const keys = new Set(['data', 'stringData'].flatMap((each) => keysAt(secret.value, each)));
      return { has: (key) => keys.has(key) };
    },
    allIngresses,
    configMap: (namespace, name) => configMapNamed(model, namespace, name),
  };
}

const named = (manifest: Manifest): string[] => [nameKey({ namespace: namespaceOf(manifest), name: manifest.name })];
const secretsByName = indexOfModel(({ declared }) => declared.ofKind('Secret'), named);
