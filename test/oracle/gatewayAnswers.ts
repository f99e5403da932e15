import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { addressOfGateway } from '../../shared/network/gateway/assumedGateway.ts';
import { follow, type Followed } from '../follow.ts';
import { clusterOf } from '../scene.ts';
import { type NameOf, ourEnds } from './envoyOutcome.ts';
import { type GatewayObject, type GatewayRequest, type GatewaySet, serviceAt } from './randomGateways.ts';

/** What we say of each request of a set: the cluster holds all of it but the other Gateways. */
export function gatewayAnswers(
  { objects, requests }: GatewaySet,
  around: readonly GatewayObject[],
  nameOf: NameOf = serviceAt,
): string[] {
  const models = new Map<string, ClusterModel>();
  return requests.map((asked) => {
    const model =
      models.get(asked.gateway) ??
      clusterOf([
        ...around,
        ...objects.filter(
          ({ kind, metadata: { namespace, name } }) => kind !== 'Gateway' || `${namespace}/${name}` === asked.gateway,
        ),
      ]);
    models.set(asked.gateway, model);
    return ourEnds(traced(model, asked), nameOf);
  });
}

function traced(model: ClusterModel, asked: GatewayRequest): Followed {
  const gateway = model.gatewayApi.gateways.find(({ namespace, name }) => `${namespace}/${name}` === asked.gateway);
  if (gateway === undefined) throw new Error(`no Gateway ${asked.gateway}`);
  return tracedAt(model, asked, addressOfGateway(model.declared, gateway));
}

/** What comes of a request that is sent to an address; with TLS, to the name in its handshake. */
export function tracedAt(model: ClusterModel, asked: GatewayRequest, address: string): Followed {
  const [path = '/'] = asked.target.split('?');
  const search = asked.target.slice(path.length);
  return follow(model, {
    from: { kind: 'internet' },
    target: {
      kind: 'url',
      scheme: asked.serverName === null ? 'http' : 'https',
      host: asked.serverName ?? address,
      port: asked.port,
      path,
      query: new Map(new URLSearchParams(search)),
      search,
    },
    protocol: 'TCP',
    method: asked.method,
    headers: new Map([...Object.entries(asked.headers), ['host', asked.host]]),
  });
}

export function askedText({ method, target, host, port, serverName }: GatewayRequest): string {
  return `${method} ${target} of ${host} at ${port}${serverName === null ? '' : `, TLS for ${serverName}`}`;
}
