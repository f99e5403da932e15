import type { ClusterModel } from './clusterModel.ts';
import type { Service } from './service.ts';

/** The same cluster with one Service otherwise than written: what would happen if. Its endpoints stay. */
export function withService(
  model: ClusterModel,
  service: Service,
  change: Partial<Omit<Service, 'manifest' | 'name' | 'namespace' | 'selector' | 'ports'>>,
): { model: ClusterModel; service: Service } {
  const changed: Service = { ...service, ...change };
  const endpoints = new Map(model.endpoints);
  const own = endpoints.get(service);
  endpoints.delete(service);
  if (own !== undefined) endpoints.set(changed, own);
  return {
    service: changed,
    model: { ...model, endpoints, services: model.services.map((each) => (each === service ? changed : each)) },
  };
}
