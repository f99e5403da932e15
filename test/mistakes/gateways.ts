import { serviceNamed } from '../../shared/cluster/lookups.ts';
import { readGateway } from '../../shared/cluster/gatewayApi/gateway.ts';
import { isGranted } from '../../shared/cluster/gatewayApi/reference.ts';
import { routeKinds, readRoute, type Route } from '../../shared/cluster/gatewayApi/route.ts';
import { fieldOf, namespaceOf } from '../../shared/manifest/manifest.ts';
import { type FieldPath, integerAt, isMap, itemsAt, textAt, valueAt } from '../../shared/manifest/value.ts';
import { parentsOf } from '../../shared/network/gateway/attachment.ts';
import { refused } from './around.ts';
import { again, gone, itemsWith, type Mistake, more, otherNumber, type Spot, value } from './mistake.ts';

/** What the Gateway API's own schema and rules refuse. */
const refusedByCrd: Pick<Mistake, 'rules' | 'least'> = { rules: ['refused-by-crd', ...refused.rules], least: 'error' };

/** In the Gateway API's objects. */
export const inGateways: readonly Mistake[] = [
  {
    name: 'route: a letter of the Gateway wrong',
    kinds: routeKinds,
    rules: ['route-not-attached'],
    least: 'warning',
    *places({ manifest, model, isComplete, isOwn, slip }) {
      for (const { at, name, namespace, kind } of isComplete ? readRoute(manifest).parents : []) {
        const isThere = model.gatewayApi.gateways.some(
          (each) => each.name === name && each.namespace === namespace && isOwn(each.manifest),
        );
        if (kind === 'Gateway' && isThere) yield { change: value(manifest, [...at, 'name'], slip(...at, 'name')) };
      }
    },
  },
  {
    name: 'route: a letter of the listener wrong',
    kinds: routeKinds,
    rules: ['route-not-attached'],
    least: 'warning',
    *places({ manifest, model, isComplete, isOwn, slip }) {
      for (const { at, name, namespace, kind } of isComplete ? readRoute(manifest).parents : []) {
        const isThere = model.gatewayApi.gateways.some(
          (each) => each.name === name && each.namespace === namespace && isOwn(each.manifest),
        );
        if (kind === 'Gateway' && isThere)
          yield { change: value(manifest, [...at, 'sectionName'], slip(...at, 'sectionName')) };
      }
    },
  },
  {
    name: 'route: a letter of the Service wrong',
    kinds: routeKinds,
    rules: ['route-backend-missing'],
    least: 'warning',
    *places(spot) {
      const { manifest, slip } = spot;
      for (const at of backendsOf(spot)) yield { change: value(manifest, [...at, 'name'], slip(...at, 'name')) };
    },
  },
  {
    name: "route: a port that the Service hasn't",
    kinds: routeKinds,
    rules: ['route-backend-missing'],
    least: 'warning',
    *places(spot) {
      const { manifest, value: written } = spot;
      for (const at of backendsOf(spot))
        yield { change: value(manifest, [...at, 'port'], otherNumber(written, ...at, 'port') ?? '') };
    },
  },
  {
    name: 'route: a backend without port',
    kinds: routeKinds,
    ...refusedByCrd,
    *places(spot) {
      for (const at of backendsOf(spot)) yield { change: gone(spot.manifest, [...at, 'port']) };
    },
  },
  {
    name: 'route: a host that no listener has',
    kinds: ['HTTPRoute', 'GRPCRoute', 'TLSRoute'],
    rules: ['route-not-attached'],
    least: 'warning',
    *places({ manifest, value: written, model }) {
      const [parent, ...others] = readRoute(manifest).parents;
      const gateway = model.gatewayApi.gateways.find(
        ({ name, namespace }) => name === parent?.name && namespace === parent.namespace,
      );
      const isClosed = gateway?.listeners.every(({ hostname }) => hostname !== null && hostname !== '');
      if (others.length === 0 && isClosed === true && itemsAt(written, 'spec', 'hostnames').length === 1)
        yield { change: value(manifest, ['spec', 'hostnames', 0], 'elsewhere.invalid') };
    },
  },
  {
    name: 'route: a weight of 0 for its only backend',
    kinds: ['HTTPRoute', 'GRPCRoute'],
    rules: ['no-weight'],
    least: 'warning',
    *places(spot) {
      const { manifest, value: written } = spot;
      for (const at of backendsOf(spot)) {
        const isAlone = itemsAt(written, ...at.slice(0, -1)).length === 1;
        if (isAlone && valueAt(written, ...at, 'weight') === undefined)
          yield { change: more(manifest, at, 'weight: 0') };
      }
    },
  },
  {
    name: 'HTTPRoute: a redirect beside a backend',
    kinds: ['HTTPRoute'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      for (const at of rulesWith(written, 'backendRefs'))
        yield {
          change: more(manifest, at, 'filters: [{ type: RequestRedirect, requestRedirect: { scheme: https } }]'),
          at: [fieldOf(manifest, ...at)],
        };
    },
  },
  {
    name: 'HTTPRoute: a prefix replaced beside an exact match',
    kinds: ['HTTPRoute'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      const rewrite = '{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } } }';
      for (const at of rulesWith(written, 'matches'))
        if (itemsAt(written, ...at, 'matches').every((each) => textAt(each, 'path', 'type') === 'Exact'))
          yield { change: more(manifest, at, `filters: [${rewrite}]`), at: [fieldOf(manifest, ...at)] };
    },
  },
  {
    name: 'HTTPRoute: Prefix instead of PathPrefix',
    kinds: ['HTTPRoute'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      for (const { at } of matchesOf(written))
        if (textAt(written, ...at, 'path', 'type') === 'PathPrefix')
          yield { change: value(manifest, [...at, 'path', 'type'], 'Prefix') };
    },
  },
  {
    name: 'HTTPRoute: a path without its slash',
    kinds: ['HTTPRoute'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      for (const { item, at } of matchesOf(written)) {
        const path = textAt(item, 'path', 'value') ?? '';
        if (/^\/\w/.test(path) && textAt(item, 'path', 'type') !== 'RegularExpression')
          yield { change: value(manifest, [...at, 'path', 'value'], path.slice(1)) };
      }
    },
  },
  {
    name: 'HTTPRoute: a method in small letters',
    kinds: ['HTTPRoute'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      for (const { item, at } of matchesOf(written)) {
        const method = textAt(item, 'method');
        if (method === undefined && isMap(item) && valueAt(item, 'path') !== undefined)
          yield { change: more(manifest, at, 'method: get') };
        else yield { change: value(manifest, [...at, 'method'], (method ?? '').toLowerCase()) };
      }
    },
  },
  {
    name: 'HTTPRoute: an expression with an open bracket',
    kinds: ['HTTPRoute'],
    rules: ['expression-unreadable'],
    least: 'warning',
    *places({ manifest, value: written }) {
      for (const { item, at } of matchesOf(written))
        if (textAt(item, 'path', 'type') === 'RegularExpression')
          yield { change: value(manifest, [...at, 'path', 'value'], `${textAt(item, 'path', 'value')}(`) };
    },
  },
  {
    name: 'HTTPRoute: the same match twice',
    kinds: ['HTTPRoute'],
    rules: ['same-match-twice'],
    least: 'warning',
    *places({ manifest, value: written, model }) {
      const rules = itemsWith(written, 'spec', 'rules');
      for (const { item, at } of rules) {
        const [only, ...others] = itemsWith(item, 'backendRefs');
        const backend = serviceNamed(model, namespaceOf(manifest), textAt(only?.item, 'name') ?? '');
        const other = model.services.find(
          (each) =>
            each.namespace === namespaceOf(manifest) &&
            each.name !== backend?.name &&
            each.ports.some(({ port }) => port === integerAt(only?.item, 'port')),
        );
        if (
          backend !== undefined &&
          other !== undefined &&
          others.length === 0 &&
          isAttached(model, readRoute(manifest))
        )
          if (valueAt(item, 'name') === undefined)
            yield { change: again(manifest, at, [[['backendRefs', 0, 'name'], other.name]]) };
      }
    },
  },
  {
    name: 'Gateway: a letter of the class wrong',
    kinds: ['Gateway'],
    rules: ['gateway-class-missing'],
    least: 'warning',
    *places({ manifest, model, isComplete, isOwn, slip }) {
      const { className } = readGateway(manifest);
      const isThere = model.gatewayApi.classes.some((each) => each.name === className && isOwn(each.manifest));
      if (isComplete && isThere)
        yield { change: value(manifest, ['spec', 'gatewayClassName'], slip('spec', 'gatewayClassName')) };
    },
  },
  {
    name: 'Gateway: the same listener twice',
    kinds: ['Gateway'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      for (const { at } of listenersOf(written)) yield { change: again(manifest, at) };
    },
  },
  {
    name: 'Gateway: a listener for the same port and host under another name',
    kinds: ['Gateway'],
    rules: ['listener-invalid', ...refusedByCrd.rules],
    least: 'warning',
    *places({ manifest, value: written }) {
      for (const { at } of listenersOf(written)) yield { change: again(manifest, at, [[['name'], 'another']]) };
    },
  },
  {
    name: 'Gateway: HTTPS without tls',
    kinds: ['Gateway'],
    rules: ['listener-invalid', ...refusedByCrd.rules],
    least: 'warning',
    *places({ manifest, value: written }) {
      for (const { item, at } of listenersOf(written))
        if (textAt(item, 'protocol') === 'HTTP') yield { change: value(manifest, [...at, 'protocol'], 'HTTPS') };
    },
  },
  {
    name: 'Gateway: tls at an HTTP listener',
    kinds: ['Gateway'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      for (const { item, at } of listenersOf(written))
        if (textAt(item, 'protocol') === 'HTTPS' && valueAt(item, 'tls') !== undefined)
          yield { change: value(manifest, [...at, 'protocol'], 'HTTP'), at: [fieldOf(manifest, ...at)] };
    },
  },
  {
    name: 'Gateway: protocol in small letters',
    kinds: ['Gateway'],
    rules: ['listener-invalid', ...refusedByCrd.rules],
    least: 'warning',
    *places({ manifest, value: written }) {
      const [only, ...others] = listenersOf(written);
      const protocol = textAt(only?.item, 'protocol')?.toLowerCase();
      if (only !== undefined && protocol !== undefined && others.length === 0)
        yield { change: value(manifest, [...only.at, 'protocol'], protocol) };
    },
  },
  {
    name: 'Gateway: a port beyond 65535',
    kinds: ['Gateway'],
    ...refusedByCrd,
    *places({ manifest, value: written }) {
      for (const { at } of listenersOf(written)) yield { change: value(manifest, [...at, 'port'], '70000') };
    },
  },
  {
    name: "ReferenceGrant: a letter of the user's namespace wrong",
    kinds: ['ReferenceGrant'],
    rules: ['reference-grant-missing'],
    least: 'warning',
    *places({ manifest, value: written, model, slip }) {
      const grants = model.gatewayApi.grants.filter((each) => each.manifest !== manifest);
      for (const { item, at } of itemsWith(written, 'spec', 'from')) {
        const users = model.gatewayApi.routes.filter(
          (each) => each.namespace === textAt(item, 'namespace') && each.kind === textAt(item, 'kind'),
        );
        const granted = users.flatMap((by) =>
          by.rules
            .flatMap(({ backends }) => backends)
            .filter(({ kind, namespace }) => kind === 'Service' && namespace === namespaceOf(manifest))
            .filter((used) => isGranted(model.gatewayApi.grants, by, used) && !isGranted(grants, by, used))
            .map((used) => fieldOf(by.manifest, ...used.at)),
        );
        if (granted.length > 0)
          yield { change: value(manifest, [...at, 'namespace'], slip(...at, 'namespace')), at: granted };
      }
    },
  },
];

/** Where a route names a Service of its namespace that is there, with a port that it has. */
function backendsOf({ manifest, value: written, model, isComplete, isOwn }: Spot): FieldPath[] {
  if (!isComplete || !isAttached(model, readRoute(manifest))) return [];
  return itemsWith(written, 'spec', 'rules')
    .flatMap(({ at }) => itemsWith(written, ...at, 'backendRefs'))
    .flatMap(({ item, at }) => {
      const service = serviceNamed(model, namespaceOf(manifest), textAt(item, 'name') ?? '');
      const isPlain = ['kind', 'namespace', 'weight'].every((field) => valueAt(item, field) === undefined);
      return isPlain &&
        service !== undefined &&
        isOwn(service.manifest) &&
        service.ports.some(({ port }) => port === integerAt(item, 'port'))
        ? [at]
        : [];
    });
}

/** Whether a Gateway of the set takes a route: of one that none takes nothing is lost. */
function isAttached({ declared }: Spot['model'], route: Route): boolean {
  return parentsOf(declared, route).some(({ outcome }) => outcome.kind === 'attached');
}

function rulesWith(written: Spot['value'], field: string): FieldPath[] {
  return itemsWith(written, 'spec', 'rules').flatMap(({ item, at }) =>
    itemsAt(item, field).length > 0 && valueAt(item, 'filters') === undefined ? [at] : [],
  );
}

function matchesOf(written: Spot['value']): { readonly item: Spot['value']; readonly at: FieldPath }[] {
  return itemsWith(written, 'spec', 'rules').flatMap(({ at }) => itemsWith(written, ...at, 'matches'));
}

function listenersOf(written: Spot['value']): { readonly item: Spot['value']; readonly at: FieldPath }[] {
  return itemsWith(written, 'spec', 'listeners');
}
