import { printableStart } from '../manifest/printable.ts';
import { faultText } from '../network/match.ts';
import { namesText } from '../network/policy/policyText.ts';
import { mostRoutes } from '../network/routing/routeTable.ts';
import type {
  ControllerFault,
  EndedAs,
  GatewayFault,
  NodePortAsked,
  OtherProxy,
  ReasonCode,
  Verdict,
} from './verdict.ts';

/** Each reason in a few words, as they stand behind a verdict: `dropped: no pod on that node`. */
export const reasonText: Readonly<Record<ReasonCode, string>> = {
  'no-local-endpoints': 'no pod on that node',
  'no-endpoints': 'no ready endpoint',
  'source-ranges': 'source not in loadBalancerSourceRanges',
  'network-policy': 'by NetworkPolicy',
  dns: 'the name can not be looked up',
  'nothing-listens': 'nothing listens there',
  'cluster-address': 'a cluster address, which leads nowhere here',
  'pod-address': 'a pod address, from outside',
  'no-such-name': 'no such name',
  'no-such-pod': 'no such pod',
  'no-such-service': 'no such Service',
  'no-healthy-node': 'no node passes the health check',
  'node-not-ready': 'the node is not ready',
  'no-address': 'no load balancer has given it an address',
  'other-family': 'no address of the same family',
  'pods-not-routable': 'pods are not routable',
  'external-name': 'an alias for a name outside',
  'no-matching-rule': 'no rule matches',
  'no-backend': 'no backend',
  'gone-version': 'an Ingress of a version that is gone',
  'no-controller': 'no controller serves the class',
  'headless-from-outside': 'headless, from outside',
  'no-such-port': 'no such port',
  'outside-cluster': 'outside the cluster',
  'node-process': 'a port of the node that nothing in these files takes',
  'no-way-in': 'nothing leads in from outside',
  'health-check': 'a health check',
  'regular-expression': 'a regular expression that can not be read',
  'reply-lost': 'the reply takes another way back',
  'own-source': 'sent back to the node that asked',
  redirect: 'a redirect',
  'tls-redirect': 'a redirect to HTTPS',
  'refused-request': 'an answer of the controller',
  'refused-routes': 'the proxy takes none of the routes',
  'refused-rule': 'a rule that is refused as it is written',
  'not-allowed': 'source not in the allow list',
  unauthorized: 'no credentials',
  'nobody-answers': 'nobody answers for that address',
  cors: 'a browser asking beforehand (CORS)',
  misdirected: 'another listener has that host',
  'plain-http': 'plain HTTP where TLS is spoken',
  'tls-name': 'no listener has that name in its TLS',
  'no-route': 'no route',
  'foreign-backend': 'a backend that is no Service',
  'no-gateway': 'the Gateway is not in these files',
  'not-modelled': 'something that is not modelled',
  'left-out': 'more routes than a table has room for',
  'proxy-protocol': 'no agreement on the PROXY protocol',
  'perhaps-attached': 'a route of which it is not known whether it is attached',
  'proxy-loop': 'proxies that send to each other without end',
  'too-many-ways': 'more ways than are followed',
  'alias-loop': 'an alias that leads back to itself',
};

/** A verdict in a few words: `dropped: no pod on that node`. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'delivered':
      return 'delivered';
    case 'answered':
      return `answered ${verdict.status}: ${reasonText[verdict.reason]}`;
    case 'denied':
      return verdict.reason === 'network-policy'
        ? `denied by ${namesText(verdict.policies.map((name) => printableStart(name, 60)))}`
        : `${verdict.kind}: ${reasonText[verdict.reason]}`;
    case 'unknown':
      return verdict.reason === 'network-policy'
        ? `unknown: whether ${printableStart(verdict.policy, 60)} lets it through`
        : `${verdict.kind}: ${reasonText[verdict.reason]}`;
    default:
      return `${verdict.kind}: ${reasonText[verdict.reason]}`;
  }
}

/** A verdict in whole sentences, of its facts alone: as it stands in the command line's JSON and in the panel. */
export function verdictSentence(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'delivered':
      return verdictText(verdict);
    case 'dropped':
      return droppedSentence(verdict);
    case 'rejected':
      return rejectedSentence(verdict);
    case 'refused':
      return refusedSentence(verdict);
    case 'unroutable':
      return unroutableSentence(verdict);
    case 'denied':
      return deniedSentence(verdict);
    case 'answered':
      return answeredSentence(verdict);
    case 'unresolved':
      return unresolvedSentence(verdict);
    case 'unknown':
      return unknownSentence(verdict);
    default:
      return verdict satisfies never;
  }
}

function deniedSentence(verdict: EndedAs<'denied'>): string {
  switch (verdict.reason) {
    case 'source-ranges':
      return `${verdict.source} is in none of Service ${verdict.service}'s loadBalancerSourceRanges.`;
    case 'dns': {
      const { host, pod, direction, server, protocol, port, policies, rule, nearest, answers } = verdict;
      const what =
        direction === 'egress'
          ? `out of it to the cluster's DNS, ${server}, on ${protocol} ${port}`
          : `from it on ${protocol} ${port} into ${server}, the cluster's DNS`;
      const near = nearest === null ? '' : `: ${nearest}`;
      const who = rule === null ? `${letText(policies)} nothing ${what}` : `${rule} denies what goes ${what}`;
      return `${pod} can't look up ${host}: ${who}${near}. The network plug-in ${answers} it.`;
    }
    case 'network-policy': {
      const { direction, pod, peer, protocol, port, policies, rule, nearest, answers } = verdict;
      const what =
        direction === 'ingress'
          ? `${peer} on ${protocol} ${port} into ${pod}`
          : `${pod} to ${peer} on ${protocol} ${port}`;
      if (rule !== null) return `${rule} denies ${what}. The network plug-in ${answers} it.`;
      const near = nearest === null ? '' : `: ${nearest}`;
      return `${letText(policies)} nothing from ${what}${near}. The network plug-in ${answers} it.`;
    }
    default:
      return verdict satisfies never;
  }
}

function letText(policies: readonly string[]): string {
  return policies.length === 1 ? `NetworkPolicy ${policies[0]} lets` : `NetworkPolicies ${namesText(policies)} let`;
}

function undecidedSentence({
  policyKind,
  policy,
  lacks,
}: Extract<EndedAs<'unknown'>, { reason: 'network-policy' }>): string {
  const whether = `Whether ${policyKind} ${policy} lets it through can't be decided`;
  switch (lacks.kind) {
    case 'namespace':
      return `${whether}: no Namespace ${lacks.namespace} in these files has labels.`;
    case 'node':
      return `${whether}: no Node ${lacks.node} in these files has labels.`;
    case 'proxy':
      return `${whether}: ${lacks.pod} is assumed; no file here shows in which namespace it runs, with which labels.`;
    case 'names':
      return `${whether}: the addresses of ${namesText(lacks.names)} aren't known.`;
    case 'order':
      return (
        `${policyKind} ${policy} and ${lacks.otherKind} ${lacks.other} don't agree about it. Both have priority ` +
        `${lacks.priority} in tier ${lacks.tier}, and which of them wins isn't determined.`
      );
    default:
      return lacks satisfies never;
  }
}

function droppedSentence(verdict: EndedAs<'dropped'>): string {
  switch (verdict.reason) {
    case 'cluster-address':
      return verdict.leftTo === null ? clusterAddressSentence(verdict) : otherProxySentence(verdict.leftTo);
    case 'no-backend':
      return `${gatewayFaultText(verdict.fault)}: ${unlessElsewhere(verdict.fault)}the gateway drops the packet.`;
    case 'no-endpoints':
      return `Service ${verdict.service} has no ready endpoint.`;
    case 'no-healthy-node':
      return noHealthyNodeSentence(verdict);
    case 'no-local-endpoints':
      return noLocalEndpointsSentence(verdict);
    case 'no-such-port': {
      const { service, asked, protocol, offered } = verdict;
      // Where all of them are TCP, nobody need be told.
      const isOnlyTcp = [verdict, ...offered].every((each) => each.protocol === 'TCP');
      const ports = offered.map(({ port, name, protocol: own }) => {
        const details = [name, isOnlyTcp ? '' : own].filter((each) => each !== '').join(', ');
        return details === '' ? `${port}` : `${port} (${details})`;
      });
      const has = ports.length === 0 ? 'it has none' : `it has ${ports.join(', ')}`;
      const port = `${isOnlyTcp ? '' : `${protocol} `}port${asked === null ? '' : ` ${asked}`}`;
      return `Service ${service} has no ${port}; ${has}.`;
    }
    case 'nobody-answers':
      return verdict.leftTo === null
        ? `${verdict.node} doesn't answer for ${verdict.address}: it passes the packet on, and nobody takes it.`
        : otherProxySentence(verdict.leftTo);
    case 'node-not-ready':
      return `${verdict.node} is not ready: nobody answers there.`;
    case 'own-source':
      return (
        `${verdict.node} gets a packet from outside that claims to come from ${verdict.node} itself: ` +
        'the kernel drops it as a martian.'
      );
    case 'reply-lost':
      return (
        `${verdict.endpoint} gets the packet, but its reply doesn't pass ${verdict.node}, ` +
        'so it comes from an address that nobody asked, and is dropped.'
      );
    default:
      return verdict satisfies never;
  }
}

function clusterAddressSentence({ address, by }: Extract<EndedAs<'dropped'>, { reason: 'cluster-address' }>): string {
  switch (by.kind) {
    case 'node':
      return (
        `No Service has the address ${address} with that port: ` +
        `${by.node} passes the packet on, and nobody takes it.`
      );
    case 'own-node':
      return `No Service has the address ${address} with that port.`;
    case 'nftables':
      return `No Service has the cluster address ${address}, and kube-proxy in nftables mode drops that.`;
    default:
      return by satisfies never;
  }
}

function noHealthyNodeSentence({ of }: Extract<EndedAs<'dropped'>, { reason: 'no-healthy-node' }>): string {
  switch (of.kind) {
    case 'no-local-pods':
      return `No node runs a ready pod of Service ${of.service}, so every node fails the load balancer's health check.`;
    case 'unwatched':
      return (
        `kube-proxy leaves Service ${of.service} to another proxy, ` +
        "so no node answers the load balancer's health check."
      );
    case 'picked-nodes':
      return `None of load balancer ${of.balancer}'s nodes is ready.`;
    case 'all-nodes':
      return 'No node is ready.';
    default:
      return of satisfies never;
  }
}

function noLocalEndpointsSentence({ node, service }: { readonly node: string; readonly service: string }): string {
  return `${node} runs no ready pod of Service ${service}, and its traffic policy is Local.`;
}

/** The Service stands behind the address, and kube-proxy has no rule for it. */
function otherProxySentence({ service, proxyName }: OtherProxy): string {
  return (
    `kube-proxy leaves Service ${service} alone: ` +
    `its label service.kubernetes.io/service-proxy-name${proxyName === '' ? '' : `: ${proxyName}`} ` +
    'gives it to another proxy.'
  );
}

function rejectedSentence(verdict: EndedAs<'rejected'>): string {
  switch (verdict.reason) {
    case 'no-endpoints': {
      const lacks = `Service ${verdict.service} has no ready endpoint`;
      if (verdict.by === 'load-balancer') return `${lacks}: the load balancer has nowhere to send to.`;
      const why = verdict.waiting === null ? verdict.unwatched : [verdict.waiting.text];
      return `${lacks}${why.length === 0 ? '' : `: ${why.join('; ')}`}.`;
    }
    case 'no-local-endpoints':
      return noLocalEndpointsSentence(verdict);
    case 'no-such-port':
      return verdict.leftTo === null
        ? `No Service has port ${verdict.port} at the address ${verdict.address}, ` +
            `and kube-proxy in ${verdict.mode} mode rejects that.`
        : otherProxySentence(verdict.leftTo);
    default:
      return verdict satisfies never;
  }
}

function refusedSentence(verdict: EndedAs<'refused'>): string {
  switch (verdict.reason) {
    case 'no-backend':
      return `${gatewayFaultText(verdict.fault)}: ${unlessElsewhere(verdict.fault)}the gateway closes the connection.`;
    case 'no-route':
      return `No route stands behind listener ${verdict.listener} of Gateway ${verdict.gateway}.`;
    case 'nothing-listens':
      return nothingListensSentence(verdict);
    case 'other-family':
      return `${otherFamilyText(verdict)}: it closes the connection.`;
    case 'proxy-protocol':
      return (
        `${verdict.product} expects a PROXY protocol header (use-proxy-protocol), ` +
        'and nobody in front of it sends one: it closes the connection.'
      );
    case 'tls-name': {
      const { gateway, port, serverName } = verdict;
      const whom = serverName === '' ? 'a client that names no host' : (serverName ?? 'it');
      return `Gateway ${gateway} has no TLS for ${whom} on port ${port}: the handshake fails.`;
    }
    default:
      return verdict satisfies never;
  }
}

function nothingListensSentence(verdict: Extract<EndedAs<'refused'>, { reason: 'nothing-listens' }>): string {
  switch (verdict.at) {
    case 'node': {
      const { node, port, leftTo } = verdict;
      const nothing = `Nothing listens on ${node}'s port ${port}`;
      return leftTo !== null ? `${nothing}: ${otherProxySentence(leftTo)}` : `${nothing}.${atClusterAddress(verdict)}`;
    }
    case 'load-balancer':
      return `Load balancer ${verdict.balancer} listens on port ${verdict.listen} alone.`;
    case 'plain-http':
      return 'The load balancer has no port for plain HTTP.';
    case 'controller':
      return verdict.lacks === 'route'
        ? `${verdict.product} has no route for plain HTTP at all, so it doesn't listen for it.`
        : `${verdict.product} ends no TLS for that name: it closes the connection.`;
    case 'gateway':
      return `Gateway ${verdict.gateway} has no working listener on port ${verdict.port}.`;
    default:
      return verdict satisfies never;
  }
}

function atClusterAddress({ port, service }: NodePortAsked): string {
  return service === null
    ? ''
    : ` Service ${service}'s port ${port} is a port of its cluster address, not of the node.`;
}

function otherFamilyText({ proxy, service }: { readonly proxy: string; readonly service: string }): string {
  return `${proxy} has no address of the family of Service ${service}'s endpoints, so it can't connect to any`;
}

function unroutableSentence(verdict: EndedAs<'unroutable'>): string {
  switch (verdict.reason) {
    case 'cluster-address':
      return `${verdict.address} is a cluster address: no network outside the cluster leads there.`;
    case 'headless-from-outside':
      return `${verdict.service} is headless: its name stands for pod addresses, which nobody outside can reach.`;
    case 'no-address': {
      const { service, nodePorts } = verdict;
      const [ports, work] = nodePorts.length === 1 ? ['nodePort', 'works'] : ['nodePorts', 'work'];
      const rest =
        nodePorts.length === 0
          ? 'It has no nodePort either.'
          : `Its ${ports} ${nodePorts.join(', ')} ${work} on every node all the same.`;
      return (
        `No load balancer has given Service ${service} an address yet (pending), ` +
        `so none leads to it from outside. ${rest}`
      );
    }
    case 'other-family': {
      const { families, asked } = verdict;
      const whose = asked.kind === 'address' ? asked.name : `what Service ${asked.name} stands for`;
      return `The client has ${families.join(' and ') || 'no'} addresses alone, and ${whose} is none of these.`;
    }
    case 'pod-address':
      return verdict.from === 'outside'
        ? `${verdict.address} is a pod's address: this pod network isn't routable from outside.`
        : `No pod has the address ${verdict.address}.`;
    case 'pods-not-routable':
      return verdict.service === null
        ? "The load balancer is to send to pods, and the pod network isn't routable."
        : `Service ${verdict.service} allocates no nodePort, and the pod network isn't routable, ` +
            'so the load balancer has nowhere to send to.';
    default:
      return verdict satisfies never;
  }
}

function answeredSentence(verdict: EndedAs<'answered'>): string {
  switch (verdict.reason) {
    case 'cors': {
      if (verdict.by === 'controller') return verdict.text;
      const { origin, isAllowed } = verdict;
      const says = isAllowed
        ? `${origin} may ask`
        : `${origin} isn't among those that may ask, so the answer lacks the headers that would let it`;
      return `A browser's preflight request, which the gateway answers itself: ${says}.`;
    }
    case 'redirect':
      return verdict.by === 'gateway' ? `The rule redirects to ${verdict.location}.` : verdict.text;
    case 'not-allowed':
    case 'refused-request':
    case 'refused-routes':
    case 'refused-rule':
    case 'tls-redirect':
    case 'unauthorized':
      return verdict.text;
    case 'health-check': {
      if (verdict.of === 'kube-proxy') {
        const state = verdict.status === 200 ? '' : ': the node is about to leave';
        return `kube-proxy's own health on ${verdict.node}${state}.`;
      }
      const { node, service, localEndpoints } = verdict;
      const endpoints = `${localEndpoints} local endpoint${localEndpoints === 1 ? '' : 's'}`;
      return `kube-proxy's health check: ${endpoints} of Service ${service} on ${node}.`;
    }
    case 'misdirected': {
      const { gateway, host, listener } = verdict;
      return `${host} belongs to another listener of Gateway ${gateway} than ${listener}, whose TLS was asked for.`;
    }
    case 'no-backend': {
      if (verdict.by === 'gateway') {
        const answer = verdict.speaks === 'gRPC' ? 'UNAVAILABLE' : verdict.status;
        const unless = unlessElsewhere(verdict.fault);
        return `${gatewayFaultText(verdict.fault)}: ${unless}the gateway answers ${answer} itself.`;
      }
      const unless =
        verdict.fault.kind === 'not-in-set' ? 'unless it is applied from elsewhere, ' : unlessElsewhere(verdict.fault);
      return `${controllerFaultText(verdict.fault)}: ${unless}the controller answers ${verdict.status} itself.`;
    }
    case 'no-matching-rule': {
      const { host, path, status } = verdict;
      if (verdict.by === 'controller')
        return `No Ingress rule matches ${host}${path}: the controller answers ${status} itself.`;
      const { gateway, method } = verdict;
      return (
        `No route of Gateway ${gateway} takes ${method} ${host}${path}: ` + `the gateway answers ${status} itself.`
      );
    }
    case 'other-family':
      return `${otherFamilyText(verdict)}: it answers ${verdict.status} itself.`;
    case 'plain-http':
      return `Plain HTTP at port ${verdict.port} of Gateway ${verdict.gateway}, which speaks TLS.`;
    case 'proxy-protocol':
      return (
        `The load balancer sends a PROXY protocol header, and ${verdict.product} isn't told to expect one: ` +
        "it can't read the request."
      );
    default:
      return verdict satisfies never;
  }
}

type NoEndpoints = Extract<ControllerFault | GatewayFault, { kind: 'no-endpoints' }>;

function noReadyEndpointText({ service, lacks }: NoEndpoints): string {
  const text = `Service ${service} has no ready endpoint`;
  switch (lacks.kind) {
    case 'waiting':
      return `${text} (${lacks.text})`;
    case 'not-in-set':
      return `${text} in these files`;
    case 'ready-one':
      return text;
    default:
      return lacks satisfies never;
  }
}

function unlessElsewhere(fault: ControllerFault | GatewayFault): string {
  return fault.kind === 'no-endpoints' && fault.lacks.kind === 'not-in-set'
    ? 'unless its pods are applied from elsewhere, '
    : '';
}

/** Without the end of the sentence: what the controller does about it. */
function controllerFaultText(fault: ControllerFault): string {
  switch (fault.kind) {
    case 'not-in-set':
      return `Ingress ${fault.ingress}'s backend, Service ${fault.service}, isn't in the set`;
    case 'no-such-port':
      return `Service ${fault.service} has no port ${fault.port ?? ''}`;
    case 'no-endpoints':
      return noReadyEndpointText(fault);
    default:
      return fault satisfies never;
  }
}

/** Without the end of the sentence: what the gateway does about it. */
function gatewayFaultText(fault: GatewayFault): string {
  switch (fault.kind) {
    case 'none-named':
      return `${fault.route.kind} ${fault.route.name} names no backend for this`;
    case 'no-weight':
      return `Every backend of ${fault.route.kind} ${fault.route.name} has weight 0`;
    case 'invalid':
      return `${fault.condition.text.replace(/\.$/, '')} (${fault.condition.reason})`;
    case 'no-endpoints':
      return noReadyEndpointText(fault);
    case 'tls-policy':
      return `BackendTLSPolicy ${fault.policy} can't be used (${fault.reason})`;
    default:
      return fault satisfies never;
  }
}

function unresolvedSentence(verdict: EndedAs<'unresolved'>): string {
  switch (verdict.reason) {
    case 'alias-loop':
      return `${verdict.service} is an alias that leads back to itself.`;
    case 'external-name':
      return `${verdict.service} is an alias inside the cluster's DNS; outside, nobody knows it.`;
    case 'gone-version':
      return (
        `Ingress ${verdict.ingress} names it, and isn't there: ` +
        `Kubernetes no longer serves ${verdict.apiVersion} since 1.22, so no controller sees it.`
      );
    case 'no-controller':
      return `No controller serves Ingress class ${verdict.className ?? '(none)'}.`;
    case 'no-endpoints':
      return `${verdict.service} is headless and has no ready pod: its name resolves to nothing.`;
    case 'no-such-name':
      return `No such name: ${verdict.host}.`;
    case 'no-such-pod': {
      const { pod, namespace, isThere } = verdict;
      return isThere
        ? `Pod ${pod} in namespace ${namespace} has no address yet.`
        : `There is no pod ${pod} in namespace ${namespace}.`;
    }
    case 'no-such-service':
      return `There is no Service ${verdict.service} in namespace ${verdict.namespace}.`;
    default:
      return verdict satisfies never;
  }
}

function unknownSentence(verdict: EndedAs<'unknown'>): string {
  switch (verdict.reason) {
    case 'external-name': {
      const { service, externalName, askedBy } = verdict;
      const whose = askedBy === 'name' ? service : `Service ${service}`;
      const further = askedBy === 'Gateway' ? '; many implementations refuse such a backend' : '';
      return `${whose} is an alias for ${externalName}, outside what the manifests describe${further}.`;
    }
    case 'foreign-backend': {
      const { route, backend } = verdict;
      const whom = `${backend.kind} ${backend.name} of ${backend.group}`;
      return `${route.kind} ${route.name} sends this to ${whom}: Hoplens doesn't know where that leads.`;
    }
    case 'no-backend':
      return verdict.of === 'Ingress'
        ? `Ingress ${verdict.ingress} sends this to something other than a Service.`
        : `No Ingress rule matches ${verdict.host}${verdict.path}: ` +
            `the controller sends it to its default backend, Service ${verdict.service}, which isn't in the set.`;
    case 'network-policy':
      return undecidedSentence(verdict);
    case 'not-modelled':
      return `${verdict.product} ${verdict.what}: what it does then is not modelled.`;
    case 'no-gateway': {
      const { route, host } = verdict;
      return `${route.kind} ${route.name} names ${host}, and its Gateway is not among these manifests.`;
    }
    case 'left-out': {
      const { product, left } = verdict;
      const routes = `${mostRoutes.toLocaleString('en')} routes`;
      const more = left === 1 ? '1 more' : `${left.toLocaleString('en')} more`;
      return `None of ${product}'s first ${routes} takes this; it has ${more}, which Hoplens leaves out.`;
    }
    case 'no-way-in': {
      const whom = verdict.gateway === null ? 'Ingress controller' : `proxy of Gateway ${verdict.gateway}`;
      return `The ${whom} is there, and nothing in the set leads to it from outside.`;
    }
    case 'node-process':
      return (
        `Nothing in these files takes ${verdict.node}'s port ${verdict.port}, and they don't say what else runs on ` +
        `the node.${atClusterAddress(verdict)}`
      );
    case 'outside-cluster':
      return outsideClusterSentence(verdict);
    case 'perhaps-attached':
      return verdict.text;
    case 'too-many-ways':
      return (
        `The request is followed in ${verdict.followed.toLocaleString('en')} places: ` +
        "what comes of it further isn't known."
      );
    case 'proxy-loop':
      return `${verdict.pod} is the proxy number ${verdict.proxies} on the way: they send to each other.`;
    case 'regular-expression': {
      const { fault } = verdict;
      if (verdict.of === 'Ingress')
        return (
          `Whether ${verdict.expression} takes ${verdict.path} is not known: ` +
          `it is a regular expression that ${faultText(fault)}.`
        );
      const { route, path } = verdict;
      const asks =
        fault === null
          ? "for something that Hoplens can't read as this implementation does"
          : `by a regular expression that ${faultText(fault)}`;
      return `Whether ${route.kind} ${route.name} takes ${path ?? 'it'} is not known: it asks ${asks}.`;
    }
    case 'tls-name':
      return (
        `Port ${verdict.port} of Gateway ${verdict.gateway} speaks TLS: ` +
        'whom it leads to depends on the name in the handshake, so ask by https://.'
      );
    default:
      return verdict satisfies never;
  }
}

function outsideClusterSentence(verdict: Extract<EndedAs<'unknown'>, { reason: 'outside-cluster' }>): string {
  switch (verdict.met) {
    case 'by-client':
      return `${verdict.address} is outside the cluster; the manifests don't say what is there.`;
    case 'by-proxy':
      return `${verdict.address} is outside the cluster.`;
    case 'from-outside':
      return `${verdict.address} belongs to nothing in the set.`;
    case 'as-endpoint':
      return `${verdict.address} is no pod of the set.`;
    case 'at-start':
      return 'It is not known where this request starts.';
    default:
      return verdict satisfies never;
  }
}
