import { type Assumption, assumed, type Because, written } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import type { Service } from '../cluster/service.ts';
import { hostPort } from '../cluster/address.ts';
import { ends, type Flight, hopTo, rewrittenBy, shared } from './flight.ts';
import { backendsOf, type ChosenBackend } from './ingressWalk.ts';
import { arriveAtNode, intoPod } from './nodeWalk.ts';
import { spread } from '../network/spread.ts';
import type { Party, Path, Rewrite } from './trace.ts';

/**
 * An Ingress that a cloud's load balancer of layer 7 serves: it ends the client's connection, picks the backend and opens
 * a connection of its own, to a nodePort where the Service has one, else straight to the pods.
 * Source: cloud.google.com/kubernetes-engine/docs/concepts/ingress (instance groups, container-native);
 * kubernetes-sigs/aws-load-balancer-controller docs/guide/ingress/annotations.md (`target-type`); Application Gateway
 * always sends to pods. What the annotations of each cloud change beyond that is left out.
 */
export function throughCloudIngress(model: ClusterModel, flight: Flight, ingresses: readonly Ingress[], product: string, assume: (assumption: Assumption) => void): Path[] {
  const lb: Party = { kind: 'lb', name: ingresses[0]?.name ?? 'ingress', address: flight.packet.destination.address };
  const because = ingresses.slice(0, 1).map(({ manifest, classPath, className }) => written(manifest, `class ${className ?? ''}: ${product}`, ...classPath));
  const arrived = hopTo(flight, lb, { because });
  return backendsOf(model, arrived, ingresses).flatMap((found) => (found.kind === 'ended' ? found.paths : toBackend(model, shared(arrived, found.share), lb, found, product, assume)));
}

function toBackend(model: ClusterModel, arrived: Flight, lb: Party, found: ChosenBackend, product: string, assume: (assumption: Assumption) => void): Path[] {
  const { service, port } = found;
  const direct = wantsPods(service, found.ingress, product);
  if (!direct && port.nodePort !== null) {
    const nodes = spread(model.nodes.filter(({ ready }) => ready));
    if (nodes.length === 0) return ends(arrived, 'dropped', 'no-healthy-node', 'No node is ready.');
    return nodes.flatMap(({ item: node, share }) => {
      const sent = proxied(arrived, lb, { address: node.address, port: port.nodePort ?? port.port }, found.because);
      return arriveAtNode(model, shared(sent, share), node);
    });
  }
  const assumption: Assumption = { id: 'container-native', text: `${product} is taken to send straight to the pods of Services that have no nodePort` };
  if (!direct) assume(assumption);
  const reasons = direct ? found.because : [...found.because, assumed(assumption)];
  const ready = spread((endpointsFor(model, service).byPort[port.index] ?? []).filter((each) => each.ready));
  if (ready.length === 0) return ends(arrived, 'rejected', 'no-endpoints', `Service ${service.name} has no ready endpoint: the load balancer has nowhere to send to.`, reasons);
  return ready.flatMap(({ item: endpoint, share }) => {
    const sent = proxied(arrived, lb, { address: endpoint.address, port: endpoint.port }, reasons);
    const weighted = shared(sent, share);
    return endpoint.pod === null ? ends(weighted, 'unknown', 'outside-cluster', `${endpoint.address} is no pod of the set.`) : intoPod(model, weighted, endpoint.pod, null, service);
  });
}

function wantsPods(service: Service, { manifest }: Ingress, product: string): boolean {
  if (product.startsWith('Application Gateway')) return true;
  if (manifest.annotations.get('alb.ingress.kubernetes.io/target-type') === 'ip') return true;
  return (service.manifest.annotations.get('cloud.google.com/neg') ?? '').replaceAll(' ', '').includes('"ingress":true');
}

function proxied(arrived: Flight, lb: Party, destination: { address: string; port: number }, because: readonly Because[]): Flight {
  const from = arrived.packet.destination;
  const rewrite: Rewrite = { kind: 'proxy', from: hostPort(from.address, from.port), to: hostPort(destination.address, destination.port), by: `load balancer ${lb.name}`, chains: [], because };
  return rewrittenBy(arrived, [rewrite], because, { ...arrived.packet, source: lb.address, destination }, lb);
}

