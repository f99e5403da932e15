import { assumed, type Assumption, type Because, written } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor, nodeNamed } from '../cluster/clusterModel.ts';
import { isIn } from '../cluster/node.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { resolveInCluster } from '../network/dns.ts';
import { matchIngress } from '../network/pathMatching.ts';
import { controllerFor, ingressControllersOf } from '../network/ingressController.ts';
import { ends, type Flight, type Http, lands, takeOff } from './flight.ts';
import { arriveAtController } from './ingressWalk.ts';
import { throughLoadBalancer, throughManualLoadBalancer } from './loadBalancerWalk.ts';
import { arriveAtAnyNode, arriveAtNode, leavePod } from './nodeWalk.ts';
import { type Origin, type Packet, type Party, type Path, podName, type Request, type Trace } from './trace.ts';

/** The address that an internet client is given (TEST-NET-2, RFC 5737). */
export const internetClient = '198.51.100.7';

/**
 * Follows a request through a cluster model.
 * The paths' probabilities sum to exactly 1. The assumptions are the model's and those that this request needed.
 */
export function traceRequest(model: ClusterModel, request: Request): Trace {
  const walk = new Walk(model, request);
  return { request, paths: walk.paths(), assumptions: walk.assumptions() };
}

/** One request's walk: the model, and the assumptions met on the way. */
class Walk {
  readonly #model: ClusterModel;
  readonly #request: Request;
  readonly #met = new Map<string, Assumption>();

  constructor(model: ClusterModel, request: Request) {
    this.#model = model;
    this.#request = request;
  }

  assumptions(): Assumption[] {
    return [...this.#model.assumptions, ...this.#met.values()];
  }

  paths(): Path[] {
    const { target } = this.#request;
    switch (target.kind) {
      case 'service': {
        const service = this.#model.services.find((each) => each.name === target.name && each.namespace === target.namespace);
        if (service === undefined) return ends(this.#start(null, '', 0), 'unresolved', 'no-such-service', `There is no Service ${target.name} in namespace ${target.namespace}.`);
        const port = target.port === null ? service.ports[0] : service.ports.find((each) => each.port === target.port || each.name === target.port);
        return this.#toService(service, port, null);
      }
      case 'socket': return this.#toHost(target.host, target.port, null);
      case 'url': return this.#toHost(target.host, target.port, { scheme: target.scheme, host: this.#request.headers.get('host') ?? target.host, path: target.path, method: this.#request.method });
      default: return target satisfies never;
    }
  }

  #assume(assumption: Assumption): Because {
    this.#met.set(assumption.id, assumption);
    return assumed(assumption);
  }

  #start(http: Http | null, address: string, port: number): Flight {
    const origin = clientOf(this.#request.from, this.#model);
    const packet: Packet = { protocol: this.#request.protocol, source: origin.address, destination: { address, port } };
    return takeOff(origin, packet, http);
  }

  /** The host of a URL or socket, in the order: an address, cluster DNS, a host that an Ingress names, the only way in. */
  #toHost(host: string, port: number, http: Http | null): Path[] {
    if (isAddress(host)) return this.#toAddress(host, port, http);
    const { from } = this.#request;
    if (from.kind === 'pod' || from.kind === 'node') {
      const namespace = from.kind === 'pod' ? from.pod.namespace : '';
      const resolution = resolveInCluster(this.#model, host, namespace);
      if (resolution.kind === 'service') return this.#toService(resolution.service, resolution.service.ports.find((each) => each.port === port), http, port);
      if (resolution.kind === 'pod') return this.#toAddress(resolution.pod.address, port, http);
    }
    const controllers = ingressControllersOf(this.#model);
    const named = this.#model.ingresses.filter((ingress) => matchIngress([ingress], host, http?.path ?? '/') !== null && ingress.rules.some((rule) => rule.host !== null));
    const byHost = named.find((ingress) => ingress.rules.some((rule) => rule.host !== null && (rule.host === host || rule.host.startsWith('*.'))));
    if (byHost !== undefined) {
      const because = this.#assume({ id: `dns:${host}`, text: `${host} is taken to point at the way in to its Ingress controller` });
      return this.#toIngressController(byHost.name === '' ? byHost : byHost, controllers, port, http, because);
    }
    const entry = this.#onlyWayIn();
    if (entry !== null && (from.kind === 'internet' || from.kind === 'address')) {
      const because = this.#assume({ id: `dns:${host}`, text: `${host} is taken to point at ${entry.text}, the only way in` });
      const path = entry.enter(port, http);
      return path.map((each) => ({ ...each, because: [because, ...each.because] }));
    }
    return ends(this.#start(http, host, port), 'unresolved', 'no-such-name', `No such name: ${host}.`);
  }

  #toIngressController(ingress: ClusterModel['ingresses'][number], controllers: ReturnType<typeof ingressControllersOf>, port: number, http: Http | null, because: Because): Path[] {
    const assignment = controllerFor(this.#model, controllers, ingress);
    const manual = this.#model.profile.loadBalancers.find(({ listen }) => listen === port) ?? this.#model.profile.loadBalancers[0];
    const add = (paths: Path[]): Path[] => paths.map((path) => ({ ...path, because: [because, ...path.because] }));
    if (assignment.kind === 'unserved') {
      return add(ends(this.#start(http, ingress.name, port), 'unresolved', 'no-controller', `No controller serves Ingress class ${assignment.className ?? '(none)'}.`, [written(ingress.manifest, 'ingressClassName', ...ingress.classPath)]));
    }
    if (assignment.kind === 'assumed') {
      const assumption = this.#assume({ id: 'ingress-controller', text: `an Ingress controller${assignment.className === null ? '' : ` for class ${assignment.className}`} behind a load balancer assumed: the set holds none` });
      return add(throughAssumedController(this.#model, this.#start(http, '203.0.113.2', port), [assumption], ingress));
    }
    const { service } = assignment.controller;
    if (manual !== undefined && service?.type !== 'LoadBalancer') return add(this.#throughManual(manual, port, http));
    if (service !== null && service.type !== 'ClusterIP') return add(this.#toService(service, service.ports.find((each) => each.port === port), http, port));
    const [pod] = assignment.controller.pods;
    if (pod !== undefined && (pod.hostNetwork || pod.containers.some(({ ports }) => ports.some(({ hostPort }) => hostPort !== null)))) {
      return add(arriveAtAnyNode(this.#model, this.#start(http, '', port), this.#assume({ id: 'node-choice', text: 'the client is taken to pick each node that runs the controller equally often' }), assignment.controller.pods.map(({ node }) => node)));
    }
    return add(ends(this.#start(http, '', port), 'unknown', 'no-way-in', 'The Ingress controller is there, and nothing in the set leads to it from outside.'));
  }

  #throughManual(balancer: ClusterModel['profile']['loadBalancers'][number], port: number, http: Http | null): Path[] {
    const flight = this.#start(http, balancer.address ?? '203.0.113.10', port);
    return throughManualLoadBalancer(this.#model, flight, balancer);
  }

  /** The single way in from outside: one load balancer, or one Service that nodes take traffic for. */
  #onlyWayIn(): { text: string; enter: (port: number, http: Http | null) => Path[] } | null {
    const [manual, ...otherManual] = this.#model.profile.loadBalancers;
    const balanced = this.#model.services.filter(({ type }) => type === 'LoadBalancer');
    const nodePorts = this.#model.services.filter(({ type }) => type === 'NodePort');
    if (manual !== undefined && otherManual.length === 0 && balanced.length === 0) return { text: `load balancer ${manual.name}`, enter: (port, http) => this.#throughManual(manual, port, http) };
    const [service, other] = balanced.length > 0 ? balanced : nodePorts;
    if (service === undefined || other !== undefined || manual !== undefined) return null;
    return { text: `Service ${service.name}`, enter: (port, http) => this.#toService(service, service.ports.find((each) => each.port === port) ?? (service.type === 'NodePort' ? service.ports[0] : undefined), http, port) };
  }

  /** A Service by name, asked the way that this origin would: from outside by its load balancer, else its nodePort; from inside by its cluster address. */
  #toService(service: Service, port: ServicePort | undefined, http: Http | null, askedPort?: number): Path[] {
    const { manifest } = service;
    const { from } = this.#request;
    const start = this.#start(http, service.clusterIP ?? service.name, askedPort ?? port?.port ?? 0);
    if (service.type === 'ExternalName') return this.#toExternalName(service, askedPort ?? port?.port ?? 80, http);
    if (port === undefined && !service.headless) {
      const offered = service.ports.map((each) => each.port).join(', ') || 'none';
      const because = [written(manifest, `ports: ${offered}`, 'spec', 'ports')];
      return ends(start, from.kind === 'pod' || from.kind === 'node' ? 'unroutable' : 'dropped', 'no-such-port', `Service ${service.name} has no port ${askedPort ?? ''}; it has ${offered}.`, because);
    }
    const asked: Request['protocol'] = port?.protocol ?? this.#request.protocol;
    const fromInside = from.kind === 'pod' || from.kind === 'node';
    if (fromInside) {
      if (service.headless) return this.#toHeadless(service, port, http, askedPort);
      const flight = this.#start(http, service.clusterIP ?? '', port?.port ?? 0);
      return this.#leave({ ...flight, packet: { ...flight.packet, protocol: asked } });
    }
    if (service.headless) return ends(start, 'unroutable', 'headless-from-outside', `${service.name} is headless: its name stands for pod addresses, which nobody outside can reach.`, [written(manifest, 'clusterIP: None', 'spec', 'clusterIP')]);
    if (port === undefined) return [];
    if (service.type === 'LoadBalancer') {
      const flight = this.#start(http, service.loadBalancerAddresses[0] ?? '', port.port);
      return throughLoadBalancer(this.#model, { ...flight, packet: { ...flight.packet, protocol: asked } }, service, port);
    }
    if (service.type === 'NodePort' && port.nodePort !== null) {
      const flight = this.#start(http, '', port.nodePort);
      return arriveAtAnyNode(this.#model, { ...flight, packet: { ...flight.packet, protocol: asked } }, this.#assume({ id: 'node-choice', text: 'the client is taken to pick each node equally often' }));
    }
    return ends(start, 'unroutable', 'cluster-address', `${service.clusterIP ?? service.name} is a cluster address: no network outside the cluster leads there.`, [written(manifest, 'type: ClusterIP', 'spec', 'type')]);
  }

  #toHeadless(service: Service, port: ServicePort | undefined, http: Http | null, askedPort: number | undefined): Path[] {
    const endpoints = endpointsFor(this.#model, service).byPort[port?.index ?? 0] ?? [];
    const ready = endpoints.filter((each) => each.ready);
    const start = this.#start(http, service.name, askedPort ?? port?.port ?? 0);
    const because = [written(service.manifest, 'clusterIP: None', 'spec', 'clusterIP')];
    if (ready.length === 0) return ends(start, 'unresolved', 'no-endpoints', `${service.name} is headless and has no ready pod: its name resolves to nothing.`, because);
    return ready.flatMap((endpoint) => {
      const flight = this.#start(http, endpoint.address, askedPort ?? endpoint.port);
      return this.#leave({ ...flight, because, probability: flight.probability.div(ready.length) });
    });
  }

  #toExternalName(service: Service, port: number, http: Http | null): Path[] {
    const name = service.externalName ?? '';
    const because = written(service.manifest, `externalName: ${name}`, 'spec', 'externalName');
    const { from } = this.#request;
    const flight = this.#start(http, name, port);
    if (from.kind !== 'pod' && from.kind !== 'node') return ends(flight, 'unresolved', 'external-name', `${service.name} is an alias inside the cluster's DNS; outside, nobody knows it.`, [because]);
    const inner = resolveInCluster(this.#model, `${name.replace(/\.$/, '')}.`, service.namespace);
    if (inner.kind === 'service' && inner.service !== service && inner.service.type !== 'ExternalName') {
      return this.#toService(inner.service, inner.service.ports.find((each) => each.port === port), http, port).map((path) => ({ ...path, because: [because, ...path.because] }));
    }
    return [lands(flight, { kind: 'unknown', reason: 'external-name', text: `${service.name} is an alias for ${name}, outside what the manifests describe.` }, [because])];
  }

  #toAddress(address: string, port: number, http: Http | null): Path[] {
    const flight = this.#start(http, address, port);
    const { from } = this.#request;
    if (from.kind === 'pod' || from.kind === 'node') return this.#leave(flight);
    const manual = this.#model.profile.loadBalancers.find((each) => each.address === address || each.address === null && address === '203.0.113.10');
    if (manual !== undefined) return throughManualLoadBalancer(this.#model, flight, manual);
    for (const service of this.#model.services) {
      if (!service.loadBalancerAddresses.includes(address)) continue;
      const found = service.ports.find((each) => each.port === port && each.protocol === flight.packet.protocol);
      return found === undefined ? this.#toService(service, undefined, http, port) : throughLoadBalancer(this.#model, flight, service, found);
    }
    const node = this.#model.nodes.find((each) => each.address === address);
    if (node !== undefined) return arriveAtNode(this.#model, flight, node);
    const route = this.#model.profile.routes.find(({ to }) => isIn(address, to));
    const via = route === undefined ? undefined : nodeNamed(this.#model, route.via);
    if (route !== undefined && via !== undefined) return arriveAtNode(this.#model, flight, via, [{ kind: 'profile', text: `route to ${route.to} via ${route.via}`, site: route.site }]);
    const owner = this.#model.services.find((each) => each.externalIPs.includes(address));
    if (owner !== undefined) {
      const because = this.#assume({ id: `route:${address}`, text: `${address} is taken to be routed to the nodes, each equally often` });
      return arriveAtAnyNode(this.#model, flight, because, this.#model.nodes.map(({ name }) => name), address);
    }
    if (isIn(address, this.#model.profile.serviceCidr) || this.#model.services.some(({ clusterIP }) => clusterIP === address)) {
      return ends(flight, 'unroutable', 'cluster-address', `${address} is a cluster address: no network outside the cluster leads there.`);
    }
    const pod = this.#model.pods.find((each) => each.address === address);
    if (pod !== undefined || isIn(address, this.#model.profile.podNetwork.cidr)) {
      if (this.#model.profile.podNetwork.routable && pod !== undefined) return this.#leave(flight);
      return ends(flight, 'unroutable', 'pod-address', `${address} is a pod's address: this pod network isn't routable from outside.`);
    }
    return ends(flight, 'unknown', 'outside-cluster', `${address} belongs to nothing in the set.`);
  }

  /** From inside: the sender's own node treats the packet first. */
  #leave(flight: Flight): Path[] {
    const { from } = this.#request;
    const node = from.kind === 'pod' ? nodeNamed(this.#model, from.pod.node) : from.kind === 'node' ? nodeNamed(this.#model, from.node) : undefined;
    return leavePod(this.#model, flight, node ?? null, from.kind === 'pod' ? from.pod : null);
  }
}

function throughAssumedController(model: ClusterModel, flight: Flight, because: readonly Because[], ingress: ClusterModel['ingresses'][number]): Path[] {
  const lb: Party = { kind: 'lb', name: 'ingress', address: flight.packet.destination.address };
  const [node] = model.nodes;
  const controller: Party = { kind: 'pod', name: `${ingress.className ?? 'ingress'}-controller`, address: node === undefined ? '' : node.gateway.replace(/1$/, '250') };
  return arriveAtController(model, flight, { via: [lb, ...(node === undefined ? [] : [{ kind: 'node' as const, name: node.name, address: node.address }]), controller], because, ingresses: model.ingresses.filter(({ className }) => className === ingress.className), controllerNode: node?.name ?? null });
}

function clientOf(from: Origin, model: ClusterModel): Party {
  switch (from.kind) {
    case 'internet': return { kind: 'client', name: 'client', address: internetClient };
    case 'address': return { kind: 'client', name: 'client', address: from.address };
    case 'pod': return { kind: 'pod', name: podName(from.pod), address: from.pod.address };
    case 'node': return { kind: 'node', name: from.node, address: nodeNamed(model, from.node)?.address ?? '' };
    default: return from satisfies never;
  }
}

function isAddress(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':');
}
