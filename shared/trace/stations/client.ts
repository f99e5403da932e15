import { canonicalAddress, families, type Family, familyOf, isAddress, isIn, ofFamily } from '../../cluster/address.ts';
import { assumed, type Assumption, type Because, written } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { usualRanges } from '../../cluster/clusterRanges.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { endpointsOfPort, nodeNamed, podAt, podNamed, podsWith, serviceNamed } from '../../cluster/lookups.ts';
import { addressTowards, type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import { whyNoneIsReady } from '../../cluster/waiting.ts';
import type { ManualLoadBalancer } from '../../cluster/profile.ts';
import type { Protocol, Service, ServicePort } from '../../cluster/service.ts';
import { internetClient } from '../../cluster/standIns.ts';
import { type Balancer, balancersAt, waysIn } from '../../network/balancers.ts';
import { resolveInCluster } from '../../network/dns.ts';
import { gatewayEntryOf, gatewayNaming, routeWithoutGateway } from '../../network/gateway/gatewayEntry.ts';
import { goneIngressNaming, ingressesNaming } from '../../network/ingress/ingressesByHost.ts';
import { standardPath } from '../../network/ingress/standard.ts';
import { isClusterIP, isServiceAddress } from '../../network/kubeProxy/proxiedPort.ts';
import { matchesPath } from '../../network/match.ts';
import { spread } from '../../network/spread.ts';
import { addressOfManual, type Entry, entryOf, ingressesOfBalancer, type WayIn } from '../../network/wayIn.ts';
import { type Arrival, ends, type Flight, goesOn, type Moves, shared, takeOff } from '../flight.ts';
import { lookingUp, nameOutOfReach } from '../lookingUp.ts';
import { noSuchPort } from '../noSuchPort.ts';
import { toAnyNode, toBalancer, toCloudGateway, toCloudIngress, toManualBalancer } from '../towards.ts';
import { type Http, type Origin, type Packet, type Party, podName, type Request } from '../trace.ts';
import { whoeverHas } from '../whoeverHas.ts';

/** What is asked for at an address. */
interface AtPort {
  readonly port: number;
  readonly http: Http | null;
}

/** As many aliases as a name may go through, as resolvers allow. */
const mostAliases = 8;

/** What a client makes of a request: the ways in, and what had to be assumed to find them. */
export interface Departure {
  readonly moves: Moves;
  /** Who asks, at the address that it asks from. */
  readonly start: Arrival;
  readonly assumed: readonly Assumption[];
}

/** The client: how a name or an address that was typed leads anywhere. */
export function departure(model: ClusterModel, request: Request): Departure {
  const client = new Client(model, request);
  const moves = client.moves();
  return { moves, start: client.start, assumed: client.assumed };
}

/** One client, with what it found out on the way to its first packet. */
class Client {
  readonly #model: ClusterModel;
  readonly #request: Request;
  readonly #met = new Map<string, Assumption>();
  /** What all that follows rests on: the aliases and names that led there. */
  #resting: readonly Because[] = [];
  #first: Flight | null = null;

  constructor(model: ClusterModel, request: Request) {
    this.#model = model;
    this.#request = request;
  }

  get assumed(): readonly Assumption[] {
    return [...this.#met.values()];
  }

  /** As the first of its packets is. */
  get start(): Arrival {
    const flight = this.#first ?? this.#start(null, '', 0);
    return { ...flight, station: { kind: 'client' } };
  }

  moves(): Moves {
    const { target, headers, method } = this.#request;
    switch (target.kind) {
      case 'service': {
        const service = serviceNamed(this.#model, target.namespace, target.name);
        if (service === undefined)
          return ends(this.#start(null, '', 0), {
            kind: 'unresolved',
            reason: 'no-such-service',
            service: target.name,
            namespace: target.namespace,
          });
        const { from } = this.#request;
        if (from.kind === 'pod')
          nameOutOfReach(this.#model, from.pod, service.name).forEach((each) => this.#assume(each));
        const port =
          target.port === null
            ? this.#portAmong(service.ports)
            : this.#portAmong(
                service.ports.filter(({ port: own, name }) => own === target.port || name === target.port),
              );
        return this.#toService(service, port, {
          askedPort: typeof target.port === 'number' ? target.port : null,
          http: null,
        });
      }
      case 'pod':
        return this.#toPod(target.namespace, target.name, target.port);
      case 'socket':
        return this.#toHost(target.host, target.port, null);
      case 'url':
        return this.#toHost(target.host, target.port, {
          scheme: target.scheme,
          host: headers.get('host') ?? target.host,
          path: target.path,
          query: target.query,
          search: target.search,
          method,
          headers,
          serverName: target.scheme === 'http' ? null : isAddress(target.host) ? '' : target.host,
        });
      default:
        return target satisfies never;
    }
  }

  get #isInside(): boolean {
    const { from } = this.#request;
    return from.kind === 'pod' || from.kind === 'node';
  }

  /** A URL is asked over TCP, whatever else was said. */
  get #protocol(): Protocol {
    return this.#request.target.kind === 'url' ? 'TCP' : this.#request.protocol;
  }

  /** The families of the client's own addresses: it can ask for no others. */
  get #families(): readonly Family[] {
    const { from } = this.#request;
    switch (from.kind) {
      case 'internet':
        return families;
      case 'address':
        return [familyOf(from.address)];
      case 'pod':
        return [...new Set(from.pod.addresses.map(familyOf))];
      case 'node':
        return [...new Set((nodeNamed(this.#model, from.node)?.addresses ?? []).map(familyOf))];
      default:
        return from satisfies never;
    }
  }

  /**
   * The family by which the client asks for a name with addresses of these, in the Service's order: A and AAAA records
   * come together, and which a client with both families prefers is its resolver's affair. Null where it can use none
   * of them.
   */
  #familyAmong(offered: readonly Family[], { namespace, name }: Service): Family | null {
    const usable = offered.filter((family) => this.#families.includes(family));
    const [family = null] = usable;
    if (family !== null && usable.length > 1 && this.#isInside)
      this.#assume({
        id: `family:${namespace}/${name}`,
        text:
          `${name} stands for addresses of both families: ` +
          `the client is taken to ask by ${family}, the Service's first`,
      });
    return family;
  }

  /** No address of the client's is of the family that it would have to ask. */
  #otherFamily(service: Service | null, address: string, port: number, http: Http | null): Moves {
    return ends(
      this.#start(http, address, port),
      {
        kind: 'unroutable',
        reason: 'other-family',
        families: this.#families,
        asked: service === null ? { kind: 'address', name: address } : { kind: 'service', name: service.name },
      },
      service === null
        ? []
        : [written(service.manifest, `ipFamilies: ${service.ipFamilies.join(', ')}`, 'spec', 'ipFamilies')],
    );
  }

  #assume(assumption: Assumption): Because {
    this.#met.set(assumption.id, assumption);
    return assumed(assumption);
  }

  /** What follows rests on this. */
  #rests(because: Because): void {
    this.#resting = [...this.#resting, because];
  }

  #start(http: Http | null, address: string, port: number, protocol = this.#protocol): Flight {
    const origin = clientOf(this.#request.from, this.#model, address);
    const packet: Packet = { protocol, source: origin.address, destination: { address, port } };
    const flight = { ...takeOff(origin, packet, http), because: this.#resting };
    this.#first ??= flight;
    return flight;
  }

  /** A pod by its name, at an address that the client can ask. */
  #toPod(namespace: string, name: string, port: number): Moves {
    const pod = podNamed(this.#model, namespace, name);
    const [first] = pod?.addresses ?? [];
    if (pod === null || first === undefined)
      return ends(this.#start(null, '', port), {
        kind: 'unresolved',
        reason: 'no-such-pod',
        pod: name,
        namespace,
        isThere: pod !== null,
      });
    const usable = pod.addresses.find((each) => this.#families.includes(familyOf(each)));
    return this.#toAddress(usable ?? first, port, null);
  }

  /** The host of a URL or socket: an address, else by cluster DNS, else what an Ingress names, else the only way in. */
  #toHost(host: string, port: number, http: Http | null): Moves {
    if (isAddress(host)) return this.#toAddress(canonicalAddress(host), port, http);
    const { from } = this.#request;
    if (from.kind === 'pod') {
      const { denied, assumed: met } = lookingUp(this.#model, from.pod, host);
      if (denied !== null) return denied(this.#start(http, host, port));
      for (const each of met) this.#assume(each);
    }
    if (this.#isInside) {
      const resolution = resolveInCluster(this.#model, host, from.kind === 'pod' ? from.pod.namespace : '');
      if (resolution.kind === 'service')
        return this.#toService(resolution.service, this.#portAt(resolution.service, port), { askedPort: port, http });
      if (resolution.kind === 'pod') {
        const { service, pod } = resolution;
        const own = service.ipFamilies.filter((each) => ofFamily(pod.addresses, each).length > 0);
        const family = this.#familyAmong(own, service);
        const [address] = family === null ? [] : ofFamily(pod.addresses, family);
        return address === undefined
          ? this.#otherFamily(service, pod.address, port, http)
          : this.#toAddress(address, port, http);
      }
    }
    const named = this.#ingressNaming(host, http?.path ?? '/');
    if (named !== null) {
      const because = this.#assume({
        id: `dns:${host}`,
        text: `${host} is taken to point at the way in to its Ingress controller`,
      });
      this.#rests(because);
      return this.#toIngress(entryOf(this.#model, named), named, port, http);
    }
    const gateway = gatewayNaming(this.#model, host, port);
    if (gateway !== null) {
      const because = this.#assume({ id: `dns:${host}`, text: `${host} is taken to point at Gateway ${gateway.name}` });
      this.#rests(because);
      return this.#toGateway(gateway, port, http);
    }
    const gone = goneIngressNaming(this.#model, host);
    if (gone !== null) {
      const { name, manifest } = gone;
      const { apiVersion } = manifest;
      return ends(
        this.#start(http, host, port),
        { kind: 'unresolved', reason: 'gone-version', ingress: name, apiVersion },
        [written(manifest, apiVersion, 'apiVersion')],
      );
    }
    if (!this.#isInside) {
      const [way, other] = waysIn(this.#model);
      if (way !== undefined && other === undefined) {
        this.#rests(
          this.#assume({ id: `dns:${host}`, text: `${host} is taken to point at ${nameOf(way)}, the only way in` }),
        );
        return this.#through(way, { port, http });
      }
    }
    const waiting = routeWithoutGateway(this.#model, host);
    if (waiting !== null)
      return ends(
        this.#start(http, host, port),
        { kind: 'unknown', reason: 'no-gateway', route: { kind: waiting.kind, name: waiting.name }, host },
        [written(waiting.manifest, `hostname ${host}`, 'spec', 'hostnames')],
      );
    return ends(this.#start(http, host, port), { kind: 'unresolved', reason: 'no-such-name', host });
  }

  /** The Ingress that names this host; the one that also takes the path, where several do. */
  #ingressNaming(host: string, path: string): Ingress | null {
    const naming = ingressesNaming(this.#model, host);
    return (
      naming.find((ingress) => ingress.rules.some((rule) => matchesPath(standardPath(rule), path) === true)) ??
      naming[0] ??
      null
    );
  }

  #toIngress(entry: Entry, ingress: Ingress, port: number, http: Http | null): Moves {
    return this.#toEntry(entry, null, { port, http }, (way) =>
      way.kind === 'cloud'
        ? this.#throughCloud(ingress, way, { port, http })
        : ends(
            this.#start(http, ingress.name, port),
            { kind: 'unresolved', reason: 'no-controller', className: way.className },
            [written(ingress.manifest, 'ingressClassName', ...ingress.classPath)],
          ),
    );
  }

  #toGateway(gateway: Gateway, port: number, http: Http | null): Moves {
    const entry = gatewayEntryOf(this.#model, gateway);
    if (entry.follows !== null) this.#assume(entry.follows);
    return this.#toEntry(entry, gateway, { port, http }, (way) =>
      way.kind === 'cloud' ? toCloudGateway(this.#start(http, way.address, port), gateway, entry.chosen) : [],
    );
  }

  /** In by a way, the Gateway's or an Ingress controller's; `otherwise` takes those that lead to no pod. */
  #toEntry(
    { assumption, way }: Entry,
    gateway: Gateway | null,
    { port, http }: AtPort,
    otherwise: (way: Extract<WayIn, { kind: 'cloud' | 'unserved' }>) => Moves,
  ): Moves {
    if (assumption !== null) this.#assume(assumption);
    switch (way.kind) {
      case 'unserved':
      case 'cloud':
        return otherwise(way);
      case 'manual':
        return this.#throughManual(way.balancer, port, http);
      case 'service':
        if (way.service.isPending) return this.#pending(way.service, port, http);
        // kube-proxy on the sender's own node already knows the load balancer's address: such a packet never leaves.
        if (this.#isInside && way.service.type === 'LoadBalancer') return this.#toBalancer(way.service, port, http);
        return this.#toService(
          way.service,
          this.#portAt(way.service, port),
          { askedPort: port, http },
          { isFromOutside: true },
        );
      case 'nodes':
        return toAnyNode(
          this.#model,
          this.#start(http, '', port),
          this.#assume({
            id: 'node-choice',
            text: 'the client is taken to pick each node that runs the controller equally often',
          }),
          { names: way.pods.map(({ node }) => node) },
        );
      case 'none':
        return ends(this.#start(http, '', port), {
          kind: 'unknown',
          reason: 'no-way-in',
          gateway: gateway?.name ?? null,
        });
      default:
        return way satisfies never;
    }
  }

  /** From inside, by an address of the load balancer that is of a family of the client's. */
  #toBalancer(service: Service, port: number, http: Http | null): Moves {
    const { loadBalancerAddresses: addresses } = service;
    const family = this.#familyAmong([...new Set(addresses.map(familyOf))], service);
    const [address] = family === null ? [] : ofFamily(addresses, family);
    return address === undefined
      ? this.#otherFamily(service, addresses[0] ?? '', port, http)
      : this.#leave(this.#start(http, address, port));
  }

  #throughCloud(
    ingress: Ingress,
    { product, address }: Extract<WayIn, { kind: 'cloud' }>,
    { port, http }: AtPort,
  ): Moves {
    const served = ingressesOfBalancer(this.#model, ingress);
    return toCloudIngress(this.#start(http, address, port), served, product);
  }

  #throughManual(balancer: ManualLoadBalancer, port: number, http: Http | null): Moves {
    return toManualBalancer(this.#start(http, addressOfManual(this.#model, balancer), port), balancer);
  }

  #through(balancer: Balancer, { port, http }: AtPort): Moves {
    switch (balancer.kind) {
      case 'profile':
        return this.#throughManual(balancer.balancer, port, http);
      case 'service': {
        const { service } = balancer;
        return this.#toService(service, this.#portAt(service, port), { askedPort: port, http });
      }
      case 'ingress': {
        const { ingress } = balancer;
        return this.#toIngress(entryOf(this.#model, ingress), ingress, port, http);
      }
      case 'gateway':
        return this.#toGateway(balancer.gateway, port, http);
      default:
        return balancer satisfies never;
    }
  }

  /**
   * A Service by name, asked the way that this origin would: from outside by its load balancer, else its nodePort; from
   * inside by its cluster address, unless it is to come in from outside all the same. `port` is undefined where the
   * Service hasn't the one that was asked for; `aliases` are those that led here.
   */
  #toService(
    service: Service,
    port: ServicePort | undefined,
    { askedPort, http }: { readonly askedPort: number | null; readonly http: Http | null },
    { isFromOutside = false, aliases = 0 }: { readonly isFromOutside?: boolean; readonly aliases?: number } = {},
  ): Moves {
    const { manifest } = service;
    if (service.type === 'ExternalName')
      return this.#toExternalName(service, askedPort ?? port?.port ?? 80, http, aliases);
    if (this.#isInside && !isFromOutside) {
      if (service.headless) return this.#toHeadless(service, port, http, askedPort);
      if (port === undefined) return this.#noSuchPort(service, askedPort, http);
      if (service.assigned.clusterIP)
        this.#assume({
          id: `cluster-address:${service.namespace}/${service.name}`,
          text: clusterAddressText(this.#model, service),
        });
      const family = this.#familyAmong(service.clusterIPs.map(familyOf), service);
      const [address] = family === null ? [] : ofFamily(service.clusterIPs, family);
      if (address === undefined) return this.#otherFamily(service, service.clusterIP ?? '', port.port, http);
      return this.#leave(this.#start(http, address, port.port, port.protocol));
    }
    if (service.headless)
      return ends(
        this.#start(http, service.name, askedPort ?? 0),
        { kind: 'unroutable', reason: 'headless-from-outside', service: service.name },
        [written(manifest, 'clusterIP: None', 'spec', 'clusterIP')],
      );
    if (port === undefined) return this.#noSuchPort(service, askedPort, http);
    if (port.nodePortAssigned)
      this.#assume({
        id: `node-port:${service.namespace}/${service.name}:${port.port}`,
        text: nodePortText(this.#model, service, port.nodePort),
      });
    if (service.isPending) return this.#pending(service, port.port, http);
    if (service.type === 'LoadBalancer') {
      const address = service.loadBalancerAddresses.find((each) => this.#families.includes(familyOf(each)));
      if (address === undefined)
        return this.#otherFamily(service, service.loadBalancerAddresses[0] ?? '', port.port, http);
      return toBalancer(this.#model, this.#start(http, address, port.port, port.protocol), { service, port });
    }
    if (service.type === 'NodePort' && port.nodePort !== null) {
      const family = service.ipFamilies.find((each) => this.#families.includes(each));
      if (family === undefined) return this.#otherFamily(service, '', port.nodePort, http);
      return toAnyNode(
        this.#model,
        this.#start(http, anyAddress[family], port.nodePort, port.protocol),
        this.#assume({ id: 'node-choice', text: 'the client is taken to pick each node equally often' }),
      );
    }
    const usable = service.externalIPs.find((each) => this.#families.includes(familyOf(each)));
    const external = usable ?? service.externalIPs[0];
    if (external !== undefined) return this.#toAddress(external, port.port, http);
    const address = service.clusterIP ?? service.name;
    return ends(this.#start(http, address, port.port), { kind: 'unroutable', reason: 'cluster-address', address }, [
      written(manifest, 'type: ClusterIP', 'spec', 'type'),
    ]);
  }

  /** Of type LoadBalancer, and no load balancer has come: nothing leads there from outside but the nodePorts. */
  #pending(service: Service, port: number, http: Http | null): Moves {
    const { name, manifest } = service;
    const nodePorts = service.ports.flatMap(({ nodePort }) => nodePort ?? []);
    return ends(this.#start(http, name, port), { kind: 'unroutable', reason: 'no-address', service: name, nodePorts }, [
      written(manifest, 'status.loadBalancer: {}', 'status', 'loadBalancer'),
    ]);
  }

  /** The port of a Service that is asked for by number, over the request's protocol. */
  #portAt({ ports }: Service, wanted: number): ServicePort | undefined {
    return ports.find(
      ({ port, nodePort, protocol }) =>
        protocol === this.#protocol && (port === wanted || (!this.#isInside && nodePort === wanted)),
    );
  }

  /** The one of these over the request's protocol. Who says nothing asks by TCP, and means whatever there is. */
  #portAmong(ports: readonly ServicePort[]): ServicePort | undefined {
    const asked = this.#protocol;
    return ports.find(({ protocol }) => protocol === asked) ?? (asked === 'TCP' ? ports[0] : undefined);
  }

  #noSuchPort(service: Service, askedPort: number | null, http: Http | null): Moves {
    const { target } = this.#request;
    const asked = askedPort ?? (target.kind === 'service' ? target.port : null);
    const address = service.clusterIP ?? service.loadBalancerAddresses[0] ?? service.name;
    return noSuchPort(this.#start(http, address, askedPort ?? 0), service, asked);
  }

  #toHeadless(service: Service, port: ServicePort | undefined, http: Http | null, askedPort: number | null): Moves {
    const readyOf = (family: Family): Endpoint[] =>
      endpointsOfPort(this.#model, service, port ?? { index: 0 }, family).filter((each) => each.ready);
    const offered = service.ipFamilies.filter((family) => readyOf(family).length > 0);
    const family = this.#familyAmong(offered, service);
    if (family === null && offered.length > 0) return this.#otherFamily(service, service.name, askedPort ?? 0, http);
    const ready = spread(family === null ? [] : readyOf(family));
    const because = [written(service.manifest, 'clusterIP: None', 'spec', 'clusterIP')];
    if (ready.length === 0)
      return ends(
        this.#start(http, service.name, askedPort ?? port?.port ?? 0),
        { kind: 'unresolved', reason: 'no-endpoints', service: service.name },
        [...because, ...whyNoneIsReady(this.#model, service)],
      );
    // DNS gives the pods' own addresses, so the port that the client names is the pod's: nothing rewrites it.
    const start = (endpoint: Endpoint): Flight => this.#start(http, endpoint.address, askedPort ?? endpoint.port);
    return ready.flatMap(({ item: endpoint, share }) =>
      this.#leave({ ...shared(start(endpoint), share), because: [...this.#resting, ...because] }),
    );
  }

  #toExternalName(service: Service, port: number, http: Http | null, aliases: number): Moves {
    const name = service.externalName ?? '';
    const because = written(service.manifest, `externalName: ${name}`, 'spec', 'externalName');
    const flight = this.#start(http, name, port);
    if (!this.#isInside)
      return ends(flight, { kind: 'unresolved', reason: 'external-name', service: service.name }, [because]);
    if (aliases > mostAliases)
      return ends(flight, { kind: 'unresolved', reason: 'alias-loop', service: service.name }, [because]);
    const inner = resolveInCluster(this.#model, `${name.replace(/\.$/, '')}.`, service.namespace);
    if (inner.kind === 'service') {
      this.#rests(because);
      return this.#toService(
        inner.service,
        this.#portAt(inner.service, port),
        { askedPort: port, http },
        { aliases: aliases + 1 },
      );
    }
    return ends(
      flight,
      { kind: 'unknown', reason: 'external-name', service: service.name, externalName: name, askedBy: 'name' },
      [because],
    );
  }

  #toAddress(address: string, port: number, http: Http | null): Moves {
    if (!this.#families.includes(familyOf(address))) return this.#otherFamily(null, address, port, http);
    const flight = this.#start(http, address, port);
    return this.#isInside ? this.#leave(flight) : this.#fromOutside(flight);
  }

  /** By an address, outside the cluster's nodes: whoever has it there. */
  #fromOutside(flight: Flight): Moves {
    const {
      http,
      packet: {
        destination: { address, port },
      },
    } = flight;
    const { profile } = this.#model;
    const found = whoeverHas(this.#model, flight);
    if (found !== null) return found;
    const [cloud] = balancersAt(this.#model, address);
    if (cloud !== undefined) return this.#through(cloud, { port, http });
    if (profile.serviceCidrs.some((cidr) => isIn(address, cidr)) || isClusterIP(this.#model, address))
      return ends(flight, { kind: 'unroutable', reason: 'cluster-address', address });
    const [pod] = podsWith(this.#model, address);
    if (pod !== undefined || profile.podNetwork.cidrs.some((cidr) => isIn(address, cidr))) {
      if (profile.podNetwork.routable && pod !== undefined) return this.#leave(flight);
      return ends(flight, { kind: 'unroutable', reason: 'pod-address', address, from: 'outside' });
    }
    return ends(flight, { kind: 'unknown', reason: 'outside-cluster', address, met: 'from-outside' });
  }

  /** From inside: the sender's own node treats the packet first. */
  #leave(flight: Flight): Moves {
    const { from } = this.#request;
    const node =
      from.kind === 'pod'
        ? nodeNamed(this.#model, from.pod.node)
        : from.kind === 'node'
          ? nodeNamed(this.#model, from.node)
          : undefined;
    return goesOn(flight, {
      kind: 'leaving',
      node: node ?? null,
      pod: from.kind === 'pod' ? from.pod : null,
      beyond: 'world',
    });
  }
}

/** A way in, as a sentence names it. */
function nameOf(way: Balancer): string {
  switch (way.kind) {
    case 'profile':
      return `load balancer ${way.balancer.name}`;
    case 'service':
      return `Service ${way.service.name}`;
    case 'ingress':
      return 'the way in to the Ingress controller';
    case 'gateway':
      return `Gateway ${way.gateway.name}`;
    default:
      return way satisfies never;
  }
}

/** What a cluster address is that nobody wrote: of a range that is full, nobody's. */
function clusterAddressText({ profile }: ClusterModel, { clusterIP, name }: Service): string {
  const address = clusterIP ?? '';
  const ranges = profile.serviceCidrs.length > 0 ? profile.serviceCidrs : [usualRanges[familyOf(address)].services];
  return ranges.some((range) => isIn(address, range))
    ? `${address} stands for the cluster address that Service ${name} will be given`
    : `${address} is of no range of the cluster: all are full, so the API server refuses Service ${name}`;
}

function nodePortText({ profile }: ClusterModel, { name }: Service, nodePort: number | null): string {
  const { from, to } = profile.nodePortRange;
  return nodePort !== null && nodePort >= from && nodePort <= to
    ? `nodePort ${nodePort} stands for the one that Service ${name} will be given`
    : `nodePort ${nodePort} is outside ${from}-${to}: all of these are taken: the API server refuses Service ${name}`;
}

/** Stands for a destination that each node has its own of. */
const anyAddress: Readonly<Record<Family, string>> = { IPv4: '0.0.0.0', IPv6: '::' };

/** Cilium translates before the kernel chooses a source; in ipvs mode every Service's address is the node's. */
function isAskedFrom(model: ClusterModel, node: ClusterNode, asked: string): boolean {
  const { mode } = model.profile.kubeProxy;
  return (mode !== 'cilium' && isLocalTo(node, asked)) || (mode === 'ipvs' && isServiceAddress(model, asked));
}

/** What the kernel chooses for a node's own process: the address that is asked for, where that is the node's. */
function addressAsking(model: ClusterModel, node: ClusterNode, asked: string): string | undefined {
  return isAskedFrom(model, node, asked) ? asked : addressOnLink(model, node, asked);
}

/** Towards a pod, that of the pod bridge, of the pod's link or of a tunnel. The first two tried on a real kernel. */
function addressOnLink(model: ClusterModel, node: ClusterNode, asked: string): string | undefined {
  const pod = podAt(model, asked);
  return pod === null ? undefined : addressTowards(node, pod, familyOf(asked));
}

/** Who asks, by an address of the family that is asked for; by its own primary one where it has none of that. */
function clientOf(from: Origin, model: ClusterModel, asked: string): Party {
  const family = isAddress(asked) ? familyOf(asked) : 'IPv4';
  const ofThat = (addresses: readonly string[]): string => ofFamily(addresses, family)[0] ?? addresses[0] ?? '';
  switch (from.kind) {
    case 'internet':
      return { kind: 'client', name: 'client', address: internetClient[family] };
    case 'address':
      return { kind: 'client', name: 'client', address: from.address };
    case 'pod': {
      const { pod } = from;
      const node = pod.hostNetwork ? nodeNamed(model, pod.node) : undefined;
      const own = node === undefined ? undefined : addressOnLink(model, node, asked);
      return { kind: 'pod', name: podName(pod), address: own ?? ofThat(pod.addresses) };
    }
    case 'node': {
      const node = nodeNamed(model, from.node);
      const own = node === undefined ? undefined : addressAsking(model, node, asked);
      return { kind: 'node', name: from.node, address: own ?? ofThat(node?.addresses ?? []) };
    }
    default:
      return from satisfies never;
  }
}
