import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { once } from '../../shared/cluster/once.ts';
import { isRoute } from '../../shared/cluster/gatewayApi/route.ts';
import { type Field, fieldOf, groupOf, type Manifest, namespaceOf } from '../../shared/manifest/manifest.ts';
import type { Mistake } from './mistake.ts';

/** What the API server takes for no such object. */
export const refused: Pick<Mistake, 'rules' | 'least'> = { rules: ['refused-by-api-server'], least: 'error' };

/** Where Ingresses and routes name a Service, or one of its ports. */
export function namersOf(model: ClusterModel, service: Manifest, port: number | undefined | null): readonly Field[] {
  const namespace = namespaceOf(service);
  const byIngress = model.ingresses.flatMap((ingress) =>
    [ingress.defaultBackend, ...ingress.rules.map(({ backend }) => backend)].flatMap((backend) => {
      if (backend === null || ingress.namespace !== namespace || backend.service !== service.name) return [];
      // One without a name is refused, and nothing else told of it.
      if (ingress.name === '') return [];
      return port === null || backend.port === port ? [fieldOf(ingress.manifest, ...backend.at)] : [];
    }),
  );
  const byRoute = model.gatewayApi.routes.flatMap(({ manifest, rules }) =>
    rules.flatMap(({ backends }) =>
      backends
        .filter((each) => each.kind === 'Service' && each.namespace === namespace && each.name === service.name)
        .filter((each) => each.weight > 0 && (port === null || each.port === port))
        .map(({ at }) => fieldOf(manifest, ...at)),
    ),
  );
  return [...byIngress, ...byRoute];
}

/** Whether a custom resource of the set may mean a name (another product's route), or an address `NAME:PORT` does. */
export function isNamedBeside(model: ClusterModel, name: string): boolean {
  return (
    isAsked(model, `${name}:\\d`) ||
    model.declared.manifests.some(
      (each) => /\.(?!k8s\.io)/.test(groupOf(each)) && !isRoute(each) && textOf(each).includes(name),
    )
  );
}

/** Whether something that is no image begins an address with a text. */
export function isAsked({ declared }: ClusterModel, text: string): boolean {
  const address = new RegExp(`(?<!"image":"[^"]*)\\b${text}\\d*\\b`);
  return declared.manifests.some((each) => address.test(textOf(each)));
}

const textOf = once(({ value }: Manifest) => JSON.stringify(value));
