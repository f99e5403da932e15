import Fraction from 'fraction.js';
import { judgedGatewayOf, parentsOf } from '../../network/gateway/attachment.ts';
import { intersection } from '../../network/gateway/hostnames.ts';
import type { JudgedListener } from '../../network/gateway/listeners.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import { gatewayEntryOf } from '../../network/gateway/gatewayEntry.ts';
import { implementationOf } from '../../network/gateway/chosenImplementation.ts';
import { type TrafficField, type FieldSubject, plain, said } from './trafficField.ts';

const spec = 'https://gateway-api.sigs.k8s.io/reference/spec/';

/** How much of a path an expression is held against, and when it is tried. */
const anchorTexts = { both: 'the whole path', start: 'bound at the start alone', none: 'anywhere in the path' };
const rankTexts = {
  'before-prefixes': 'tried before every prefix',
  'behind-prefixes': 'tried behind every prefix',
  'among-prefixes': 'tried where a prefix as long would be',
};

/** The Gateway API's fields that steer traffic. */
export const gatewayFields: readonly TrafficField[] = [
  said('Gateway', ['spec', 'gatewayClassName'], `${spec}#gatewayclass`, ({ gateway, model }) => {
    if (gateway === null) return '';
    const { implementation, by, text } = implementationOf(model, gateway);
    if (by === 'nothing')
      return (
        `Picks who makes the Gateway real. ${plain(text)} is of no implementation that Hoplens knows: it is taken ` +
        'to follow the standard.'
      );
    const { assumption } = gatewayEntryOf(model, gateway);
    return (
      `${implementation.product}${by === 'className' ? ', which usually has a class of this name' : ''}. ` +
      `${implementation.remark}${assumption === null ? '' : `\n\n${plain(assumption.text)}.`}`
    );
  }),
  said(
    'Gateway',
    ['spec', 'listeners', '*', 'hostname'],
    `${spec}#listener`,
    () =>
      'Takes requests for this name alone (by Host, and under TLS by the name in ' +
      'the handshake). `*.` stands for one label and more. Of the listeners of a ' +
      'port, the most specific decides: a request meets the routes of that one.',
  ),
  said('Gateway', ['spec', 'listeners', '*', 'port'], `${spec}#listener`, ({ gateway, model, at }) => {
    const listener = (gateway === null ? null : judgedGatewayOf(model.declared, gateway))?.listeners[Number(at[2])];
    if (listener === undefined) return '';
    const routes = listener.attached.map(({ route }) => plain(route.name));
    const some = `${routes.slice(0, 6).join(', ')}${routes.length > 6 ? ', …' : ''}`;
    const behind = routes.length === 0 ? 'No route of these files stands behind it.' : `Behind it: ${some}.`;
    return listener.isAccepted
      ? behind
      : `${behind} It takes no requests: ${plain(listener.conditions[0]?.text ?? '')}`;
  }),
  said(
    'Gateway',
    ['spec', 'listeners', '*', 'allowedRoutes', 'namespaces', 'from'],
    `${spec}#routenamespaces`,
    () =>
      'Whose routes may stand behind the listener: `Same` for its own namespace (the default), `All`, or ' +
      '`Selector` for namespaces with certain labels.',
  ),
  said('Route', ['spec', 'parentRefs', '*', 'name'], `${spec}#parentreference`, parentHelp),
  said('Route', ['spec', 'parentRefs', '*', 'sectionName'], `${spec}#parentreference`, parentHelp),
  said('Route', ['spec', 'hostnames'], `${spec}#httproutespec`, ({ route, model }) => {
    const shared = [
      ...new Set(
        attachedListeners(model, route).flatMap(
          ({ hostname }) => intersection(hostname, route?.hostnames ?? []) ?? ['any host'],
        ),
      ),
    ];
    return (
      'What the route takes are the names that it shares with its listeners' +
      `${shared.length === 0 ? ': none here' : `: ${shared.map(plain).join(', ')}`}. Exact names come before ` +
      'wildcards, longer before shorter.'
    );
  }),
  said('Route', ['spec', 'rules', '*', 'matches', '*', 'path', 'type'], `${spec}#httppathmatch`, (subject) => {
    const match = subject.route?.rules[Number(subject.at[2])]?.matches[Number(subject.at[4])];
    if (match === undefined || match.path.kind === 'GRPC') return '';
    const value = plain(match.path.value);
    if (match.path.kind === 'Exact')
      return `Takes ${value} and nothing else, not even with a slash behind it. Comes before every prefix.`;
    if (match.path.kind === 'PathPrefix')
      return (
        `Takes ${value} and what lies under it, element by element: /foo takes ` +
        '/foo/bar, not /foobar. The longest prefix comes first.'
      );
    const readings = implementationsOf(subject).map(({ product, expressions }) =>
      expressions === null
        ? `${product}: not known.`
        : `${product}: ${expressions.dialect}, ` +
          `${anchorTexts[expressions.anchors]}, ${rankTexts[expressions.rank]}.`,
    );
    return `What a regular expression means is left to the implementation. ${readings.join(' ')}`;
  }),
  said('Route', ['spec', 'rules', '*', 'backendRefs', '*', 'weight'], `${spec}#backendref`, ({ route, at }) => {
    const backends = route?.rules[Number(at[2])]?.backends ?? [];
    const own = backends[Number(at[4])];
    const total = backends.reduce((sum, { weight }) => sum + weight, 0);
    if (own === undefined) return '';
    return total === 0
      ? 'All weights are 0: the gateway answers 500 itself.'
      : `${plain(own.name)} gets ${new Fraction(own.weight, total).toFraction()} of the rule's requests.`;
  }),
  said(
    'Route',
    ['spec', 'rules', '*', 'backendRefs', '*', 'namespace'],
    `${spec}#referencegrant`,
    () =>
      'A Service of another namespace can be used only where a ReferenceGrant of that namespace lets it; else ' +
      'the gateway answers 500.',
  ),
];

function attachedListeners(model: ClusterModel, route: Route | null): JudgedListener[] {
  const parents = route === null ? [] : parentsOf(model.declared, route);
  return parents.flatMap(({ outcome }) => (outcome.kind === 'attached' ? outcome.listeners : []));
}

function parentHelp({ route, model, at }: FieldSubject): string {
  const parent = route === null ? undefined : parentsOf(model.declared, route)[Number(at[2])];
  if (parent === undefined) return '';
  const { outcome, reference } = parent;
  switch (outcome.kind) {
    case 'attached':
      return (
        'Behind ' +
        `${outcome.listeners
          .map(
            ({ listener }) =>
              `${plain(listener.name)} (${listener.protocol} ${listener.port}` +
              `${listener.hostname === null ? '' : `, ${plain(listener.hostname)}`})`,
          )
          .join(', ')}.`
      );
    case 'refused':
      return `Not behind it: ${plain(outcome.condition.text)} (${outcome.condition.reason})`;
    case 'absent':
      return `${reference.kind} ${plain(reference.name)} is not in these files.`;
    case 'outside':
      return `A ${plain(reference.kind)} as parent is for traffic inside a mesh, which Hoplens doesn't follow.`;
    case 'unknown':
      return outcome.text;
    default:
      return outcome satisfies never;
  }
}

function implementationsOf({ route, model }: FieldSubject): ReturnType<typeof implementationOf>['implementation'][] {
  const parents = route === null ? [] : parentsOf(model.declared, route);
  const gateways = parents.flatMap(({ outcome }) => (outcome.kind === 'attached' ? [outcome.gateway] : []));
  return [...new Set(gateways.map((gateway) => implementationOf(model, gateway).implementation))];
}
