import { type Assumption, assumed } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsOfPort } from '../../cluster/lookups.ts';
import { addressOfFamily } from '../../cluster/node.ts';
import { whyNoneIsReady } from '../../cluster/waiting.ts';
import { judgedGatewayOf } from '../../network/gateway/attachment.ts';
import { dialectOf } from '../../network/ingress/dialects.ts';
import { cloudTable } from '../../network/ingress/servedTable.ts';
import { spread } from '../../network/spread.ts';
import { assuming, ends, type Flight, type Moves, shared } from '../flight.ts';
import { backendsOf } from '../ingressRouting.ts';
import { chosenBackends } from '../gatewayRouting.ts';
import { passedOn, proxied, type ProxiedTo } from '../proxying.ts';
import type { Station } from '../station.ts';
import { intoPod, toNode } from '../towards.ts';

/**
 * A cloud's load balancer of layer 7: it ends the client's connection, picks the backend and opens a connection of its
 * own, to a nodePort where the Service has one, else straight to the pods. All of them append the client to
 * X-Forwarded-For. Which of the two, and what else a cloud's annotations change, stands in its dialect; what isn't
 * there is left out.
 */
export function atCloudIngress(
  model: ClusterModel,
  arrived: Flight,
  { ingresses, product }: Extract<Station, { kind: 'cloud-ingress' }>,
): Moves {
  const dialect = dialectOf(product);
  const [first] = ingresses;
  const served = first === undefined ? null : cloudTable(model, first);
  if (served === null) return [];
  return backendsOf(model, arrived, { ...served, dialect }).flatMap((backend) => {
    if (backend.kind === 'ended') return backend.moves;
    const request = backend.request === null ? null : passedOn(backend.request, arrived.packet.source, 'appends');
    const target = dialect.sendsToPods(backend.service, backend.ingress) ? 'pods' : 'nodePorts';
    return balancedTo(model, backend.flight, { ...backend, request }, { product, target });
  });
}

/** A Gateway that a cloud's load balancer is. */
export function atCloudGateway(
  model: ClusterModel,
  arrived: Flight,
  { gateway, chosen: { implementation } }: Extract<Station, { kind: 'cloud-gateway' }>,
): Moves {
  const judged = judgedGatewayOf(model.declared, gateway);
  const target = implementation.dataPlane.kind === 'cloud' ? implementation.dataPlane.target : 'pods';
  if (judged === null) return [];
  const proxy = { gateways: [gateway], judged, implementation, service: null, pods: [] };
  const { source: client, destination } = arrived.packet;
  return chosenBackends(model, arrived, proxy, { port: destination.port, client }).flatMap((backend) =>
    backend.kind === 'ended'
      ? backend.moves
      : balancedTo(model, backend.flight, backend, { product: implementation.product, target }),
  );
}

function balancedTo(
  model: ClusterModel,
  arrived: Flight,
  { service, port, request, because }: ProxiedTo,
  { product, target }: { readonly product: string; readonly target: 'pods' | 'nodePorts' },
): Moves {
  const by = `load balancer ${arrived.at.name}`;
  const family = dialectOf(product).podFamily?.(service) ?? service.ipFamilies[0] ?? 'IPv4';
  if (target === 'nodePorts' && port.nodePort !== null) {
    const nodes = spread(model.nodes.filter(({ ready }) => ready));
    if (nodes.length === 0)
      return ends(arrived, { kind: 'dropped', reason: 'no-healthy-node', of: { kind: 'all-nodes' } });
    return nodes.map(({ item: node, share }) => {
      const destination = { address: addressOfFamily(node, family) ?? node.address, port: port.nodePort ?? port.port };
      return toNode(model, shared(proxied(arrived, { destination, request, because, by }), share), node);
    });
  }
  const assumption: Assumption = {
    id: 'container-native',
    text: `${product} is taken to send straight to the pods of Services that have no nodePort`,
  };
  const from = target === 'pods' ? arrived : assuming(arrived, assumption);
  const reasons = target === 'pods' ? because : [...because, assumed(assumption)];
  const ready = spread(endpointsOfPort(model, service, port, family).filter((each) => each.ready));
  if (ready.length === 0)
    return ends(from, { kind: 'rejected', reason: 'no-endpoints', by: 'load-balancer', service: service.name }, [
      ...reasons,
      ...whyNoneIsReady(model, service),
    ]);
  return ready.flatMap(({ item: endpoint, share }) => {
    const destination = { address: endpoint.address, port: endpoint.port };
    const weighted = shared(proxied(from, { destination, request, because: reasons, by }), share);
    return endpoint.pod === null
      ? ends(weighted, { kind: 'unknown', reason: 'outside-cluster', address: endpoint.address, met: 'as-endpoint' })
      : intoPod(weighted, endpoint.pod, { service });
  });
}
