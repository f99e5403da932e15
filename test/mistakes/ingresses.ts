import { serviceNamed, servicesIn } from '../../shared/cluster/lookups.ts';
import { readIngress } from '../../shared/cluster/ingress.ts';
import { isServedByNginx } from '../../shared/insight/servedByNginx.ts';
import { fieldOf, keyFieldOf, namespaceOf } from '../../shared/manifest/manifest.ts';
import { type FieldPath, integerAt, isMap, textAt, valueAt } from '../../shared/manifest/value.ts';
import { controllerOf } from '../../shared/network/ingressController.ts';
import { refused } from './around.ts';
import { again, gone, itemsWith, key, type Mistake, more, raw, type Spot, value } from './mistake.ts';

/** In Ingresses. */
export const inIngresses: readonly Mistake[] = [
  {
    name: 'Ingress: a letter of the Service wrong',
    kinds: ['Ingress'],
    rules: ['ingress-backend-missing'],
    least: 'warning',
    *places(spot) {
      const { manifest, isComplete, slip } = spot;
      for (const at of isComplete ? backendsOf(spot) : [])
        yield { change: value(manifest, [...at, 'name'], slip(...at, 'name')) };
    },
  },
  {
    name: "Ingress: a port that the Service hasn't",
    kinds: ['Ingress'],
    rules: ['ingress-backend-missing'],
    least: 'warning',
    *places(spot) {
      const { manifest, value: written, isComplete } = spot;
      for (const at of isComplete ? backendsOf(spot) : []) {
        const number = integerAt(written, ...at, 'port', 'number');
        if (number !== undefined) yield { change: value(manifest, [...at, 'port', 'number'], String(number + 1000)) };
      }
    },
  },
  {
    name: "Ingress: a letter of the port's name wrong",
    kinds: ['Ingress'],
    rules: ['ingress-backend-missing'],
    least: 'warning',
    *places(spot) {
      const { manifest, isComplete, slip } = spot;
      for (const at of isComplete ? backendsOf(spot) : [])
        yield { change: value(manifest, [...at, 'port', 'name'], slip(...at, 'port', 'name')) };
    },
  },
  {
    name: 'Ingress: a backend without port',
    kinds: ['Ingress'],
    ...refused,
    *places(spot) {
      for (const at of backendsOf(spot))
        yield { change: gone(spot.manifest, [...at, 'port']), at: [keyFieldOf(spot.manifest, ...at)] };
    },
  },
  {
    name: 'Ingress: the old serviceName in v1',
    kinds: ['Ingress'],
    ...refused,
    *places({ manifest, value: written, ...rest }) {
      for (const at of backendsOf({ manifest, value: written, ...rest }))
        yield { change: key(manifest, [...at, 'name'], 'serviceName'), at: [fieldOf(manifest, ...at)] };
    },
  },
  {
    name: 'Ingress: no pathType',
    kinds: ['Ingress'],
    ...refused,
    *places(spot) {
      for (const { at } of pathsOf(spot)) yield { change: gone(spot.manifest, [...at, 'pathType']) };
    },
  },
  {
    name: 'Ingress: pathType in small letters',
    kinds: ['Ingress'],
    ...refused,
    *places(spot) {
      for (const { item, at } of pathsOf(spot)) {
        const type = (textAt(item, 'pathType') ?? '').toLowerCase();
        yield { change: value(spot.manifest, [...at, 'pathType'], type) };
      }
    },
  },
  {
    name: 'Ingress: a path without its slash',
    kinds: ['Ingress'],
    ...refused,
    *places(spot) {
      for (const { item, at } of pathsOf(spot)) {
        const path = textAt(item, 'path') ?? '';
        if (/^\/\w/.test(path) && ['Prefix', 'Exact'].includes(textAt(item, 'pathType') ?? ''))
          yield { change: value(spot.manifest, [...at, 'path'], path.slice(1)) };
      }
    },
  },
  {
    name: 'Ingress: an address as host',
    kinds: ['Ingress'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const { at } of itemsWith(written, 'spec', 'rules'))
        yield { change: value(manifest, [...at, 'host'], '10.0.0.1') };
    },
  },
  {
    name: 'Ingress: a port in the host',
    kinds: ['Ingress'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const { item, at } of itemsWith(written, 'spec', 'rules'))
        yield { change: raw(manifest, [...at, 'host'], `"${textAt(item, 'host')}:8080"`) };
    },
  },
  {
    name: 'Ingress: a letter of the class wrong',
    kinds: ['Ingress'],
    rules: ['ingress-class-unserved'],
    least: 'warning',
    *places({ manifest, model, isComplete, isOwn, slip }) {
      const ingress = readIngress(manifest);
      const classes = model.declared
        .ofKind('IngressClass')
        .filter(isOwn)
        .map(({ name }) => name);
      if (isComplete && ingress.className !== null && classes.includes(ingress.className))
        yield { change: value(manifest, ingress.classPath, slip(...ingress.classPath)) };
    },
  },
  {
    name: 'Ingress: a path claimed for another Service too',
    kinds: ['Ingress'],
    rules: ['same-path-twice', 'ingress-nginx-refuses'],
    least: 'warning',
    *places(spot) {
      const { manifest, model } = spot;
      for (const { item, at } of pathsOf(spot)) {
        const other = servicesIn(model, namespaceOf(manifest)).find(
          (each) =>
            each.name !== textAt(item, 'backend', 'service', 'name') &&
            each.ports.some(({ port }) => port === integerAt(item, 'backend', 'service', 'port', 'number')),
        );
        const isCanary = [...manifest.annotations.keys()].some((each) => /canary|actions\./.test(each));
        if (other !== undefined && !isCanary)
          yield { change: again(manifest, at, [[['backend', 'service', 'name'], other.name]]) };
      }
    },
  },
  {
    name: 'Ingress: an annotation without its quotes',
    kinds: ['Ingress'],
    rules: ['quotes-missing'],
    least: 'error',
    *places({ manifest }) {
      for (const [name, text] of manifest.annotations)
        if (/^(?:true|false|\d+)$/.test(text)) yield { change: raw(manifest, ['metadata', 'annotations', name], text) };
    },
  },
  {
    name: 'ingress-nginx: yes instead of true',
    kinds: ['Ingress'],
    rules: ['annotation-unread'],
    least: 'warning',
    *places({ manifest, model }) {
      if (!isServedByNginx(model, readIngress(manifest))) return;
      if (manifest.annotations.size > 0 && !manifest.annotations.has(redirect))
        yield { change: more(manifest, ['metadata', 'annotations'], `${redirect}: "yes"`) };
    },
  },
  {
    name: 'ingress-nginx: a canary weight that is no number',
    kinds: ['Ingress'],
    rules: ['annotation-unread'],
    least: 'warning',
    *places({ manifest, model }) {
      if (!isServedByNginx(model, readIngress(manifest))) return;
      if (manifest.annotations.get(`${nginx}/canary-weight`) !== undefined)
        yield { change: value(manifest, ['metadata', 'annotations', `${nginx}/canary-weight`], 'ten') };
    },
  },
  {
    name: 'ingress-nginx: an allow list with a blank for its comma',
    kinds: ['Ingress'],
    rules: ['annotation-unread'],
    least: 'warning',
    *places({ manifest, model }) {
      const name = `${nginx}/whitelist-source-range`;
      if (!isServedByNginx(model, readIngress(manifest)) || manifest.annotations.size === 0) return;
      if (!manifest.annotations.has(name))
        yield { change: more(manifest, ['metadata', 'annotations'], `${name}: 10.0.0.0/8 192.168.0.0/16`) };
    },
  },
  {
    name: 'ingress-nginx: an expression with an open bracket',
    kinds: ['Ingress'],
    rules: ['expression-unreadable', 'ingress-nginx-refuses', 'ingress-nginx-stalls'],
    least: 'warning',
    *places(spot) {
      const { manifest, model } = spot;
      if (!isServedByNginx(model, readIngress(manifest))) return;
      for (const { item, at } of pathsOf(spot)) {
        const path = textAt(item, 'path') ?? '';
        if (path.endsWith(')')) yield { change: value(manifest, [...at, 'path'], path.slice(0, -1)) };
      }
    },
  },
  {
    name: "Ingress: a letter of the certificate's Secret wrong",
    kinds: ['Ingress'],
    rules: ['tls-secret-missing'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete, isOwn, slip }) {
      const secrets = model.declared
        .ofKind('Secret')
        .filter((each) => isOwn(each) && namespaceOf(each) === namespaceOf(manifest));
      for (const { item, at } of itemsWith(written, 'spec', 'tls'))
        if (isComplete && secrets.some(({ name }) => name === textAt(item, 'secretName')))
          yield { change: value(manifest, [...at, 'secretName'], slip(...at, 'secretName')) };
    },
  },
  {
    name: "Ingress: a letter of a certificate's host wrong",
    kinds: ['Ingress'],
    rules: ['tls-hosts-differ'],
    least: 'hint',
    *places({ manifest, value: written, model, slip }) {
      const { rules } = readIngress(manifest);
      if (controllerOf(model, readIngress(manifest)) === null) return;
      for (const { item, at } of itemsWith(written, 'spec', 'tls'))
        for (const { item: host, at: path } of itemsWith(item, 'hosts'))
          if (rules.some((each) => each.host === host))
            yield { change: value(manifest, [...at, ...path], slip(...at, ...path)) };
    },
  },
];

const nginx = 'nginx.ingress.kubernetes.io';
const redirect = `${nginx}/ssl-redirect`;

function pathsOf({ value: written }: Spot): { readonly item: Spot['value']; readonly at: FieldPath }[] {
  return itemsWith(written, 'spec', 'rules').flatMap(({ at }) => itemsWith(written, ...at, 'http', 'paths'));
}

/** Where an Ingress names a Service that is there, with a port that it has. */
function backendsOf({ manifest, value: written, model, isOwn }: Spot): FieldPath[] {
  const paths = [
    ['spec', 'defaultBackend', 'service'],
    ...itemsWith(written, 'spec', 'rules').flatMap(({ at }) =>
      itemsWith(written, ...at, 'http', 'paths').map((each) => [...each.at, 'backend', 'service']),
    ),
  ];
  return paths.filter((at) => {
    const named = valueAt(written, ...at);
    const service = isMap(named) ? serviceNamed(model, namespaceOf(manifest), textAt(named, 'name') ?? '') : undefined;
    const port = integerAt(named, 'port', 'number') ?? textAt(named, 'port', 'name');
    if (service === undefined || !isOwn(service.manifest)) return false;
    return service.ports.some((each) => each.port === port || each.name === port);
  });
}
