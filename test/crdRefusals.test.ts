import { expect, test } from 'vitest';
import { oneFile } from './scene.ts';

/** A Gateway with these listeners, an HTTPRoute with this rule, or a whole object. */
const gateway = (listeners: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: eg, listeners: [${listeners}] }
`;
const route = (rule: string, spec = ''): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec: { ${spec}rules: [${rule}] }
`;
const backends = 'backendRefs: [{ name: shop, port: 80 }]';
const service = `
---
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { ports: [{ port: 8080 }] }
`;

/** What is found, and where: \`line:column severity message; fixes\`. */
function told(yaml: string): string[] {
  return oneFile(yaml.trim())
    .findings('test.yaml')
    .filter(({ rule }) => rule === 'refused-by-crd')
    .map(({ severity, message, site: { range }, fixes }) => {
      const titles = fixes.map(({ title }) => ` → ${title}`).join('');
      return `${range.start.line + 1}:${range.start.character + 1} ${severity}: ${message.split('. ')[0]}${titles}`;
    });
}

const cases: readonly (readonly [string, string])[] = [
  ['a listener that is whole', gateway('{ name: a, port: 80, protocol: HTTP }')],
  ['HTTPS that passes TLS through', gateway('{ name: a, port: 443, protocol: HTTPS, tls: { mode: Passthrough } }')],
  ['a TLS listener without tls', gateway('{ name: a, port: 443, protocol: TLS }')],
  ['a listener that ends TLS without a certificate', gateway('{ name: a, port: 443, protocol: HTTPS, tls: {} }')],
  [
    'listeners that differ in nothing but their names',
    gateway('{ name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: HTTP }'),
  ],
  ['the same listener twice', gateway('{ name: a, port: 80, protocol: HTTP }, { name: a, port: 80, protocol: HTTP }')],
  ['a port in quotes', gateway("{ name: a, port: '80', protocol: HTTP }")],
  ['a name without quotes', gateway('{ name: 8080, port: 80, protocol: HTTP }')],
  ['a field that is misspelt', gateway('{ name: a, port: 80, protocol: HTTP, hostnme: a.example.com }')],
  ['a backend without port', route('{ backendRefs: [{ name: shop }] }') + service],
  ['a path without its slash', route(`{ matches: [{ path: { value: old } }], ${backends} }`)],
  ['Prefix', route(`{ matches: [{ path: { type: Prefix, value: /old } }], ${backends} }`)],
  ['a method in small letters', route(`{ matches: [{ method: get }], ${backends} }`)],
  [
    'a filter twice, and one without its part',
    route(
      `{ ${backends}, filters: [{ type: URLRewrite }, { type: CORS, cors: {} }, { type: CORS, cors: {} }, ` +
        '{ type: RequestRedirect, requestRedirect: {}, urlRewrite: {} }] }',
    ),
  ],
  ['a hostname that is none', route(`{ ${backends} }`, 'hostnames: [10.0.0.1, shop_1.example.com], ')],
  ['two references to one parent', route(`{ ${backends} }`, 'parentRefs: [{ name: edge }, { name: edge }], ')],
  [
    'two references to one parent, one of them with a listener',
    route(`{ ${backends} }`, 'parentRefs: [{ name: edge }, { name: edge, sectionName: a }], '),
  ],
  [
    'a type without its field and with that of another',
    route(
      `{ ${backends}, matches: [{ path: { value: /a } }], filters: [{ type: URLRewrite, urlRewrite: ` +
        '{ path: { type: ReplaceFullPath, replacePrefixMatch: / } } }] }',
    ),
  ],
  ['the names of an Ingress', route('{ backendRefs: [{ serviceName: shop, servicePort: 80 }] }')],
  ['a timeout', route(`{ ${backends}, timeouts: { request: 1s, backendRequest: 2s } }`)],
  [
    'a header that only the experimental channel refuses',
    route(`{ ${backends}, matches: [{ headers: [{ name: a, value: "a  b" }] }] }`),
  ],
  ['what something fills in', route(`{ ${backends}, matches: [{ path: { value: "\${PATH}" } }] }`)],
  [
    'an address',
    gateway('{ name: a, port: 80, protocol: HTTP }').replace('listeners', 'addresses: [{ value: a.b }], listeners'),
  ],
];

test('each refusal stands at the field to edit, with its fix where one is likely', () => {
  const all = cases.map(([name, yaml]) => [name, ...told(yaml).map((each) => `  ${each}`)].join('\n'));
  expect(all.join('\n')).toMatchInlineSnapshot(`
    "a listener that is whole
    HTTPS that passes TLS through
      4:95 error: spec.listeners[0].tls.mode: a listener of protocol HTTPS ends TLS itself
    a TLS listener without tls
      4:75 info: spec.listeners[0].protocol: a listener of protocol TLS needs tls.mode
    a listener that ends TLS without a certificate
      4:87 error: spec.listeners[0].tls: a listener that ends TLS needs a certificate
    listeners that differ in nothing but their names
      4:99 error: spec.listeners[1].port: another listener has this port, protocol and hostname too
    the same listener twice
      4:90 error: spec.listeners[1].name: another listener has this name too
    a port in quotes
      4:60 error: spec.listeners[0].port: is the text "80"; it must be a whole number
    a name without quotes
      4:51 error: spec.listeners[0].name: is the number 8080; it must be a text: put it in quotes → Put it in quotes
    a field that is misspelt
      4:80 error: spec.listeners[0].hostnme: is no field of the API; hostname is → Rename it to hostname
    a backend without port
      4:33 error: spec.rules[0].backendRefs[0]: a Service is referred to without a port → Add port 8080
    a path without its slash
      4:46 error: spec.rules[0].matches[0].path.value: a path starts with / → Use /old
    Prefix
      4:45 error: spec.rules[0].matches[0].path.type: is "Prefix"; it can be Exact, PathPrefix, RegularExpression → Use PathPrefix
    a method in small letters
      4:39 error: spec.rules[0].matches[0].method: is "get"; it can be GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH → Use GET
    a filter twice, and one without its part
      4:19 error: spec.rules[0].backendRefs: a rule that redirects asks no backend → Remove backendRefs
      4:152 error: spec.rules[0].filters[3].type: a rule either redirects or rewrites
      4:126 error: spec.rules[0].filters[2].type: there is more than one filter CORS
      4:78 error: spec.rules[0].filters[0].type: a filter of type URLRewrite needs urlRewrite
      4:190 error: spec.rules[0].filters[3].urlRewrite: urlRewrite goes with type URLRewrite alone → Remove urlRewrite
    a hostname that is none
      4:31 error: spec.hostnames[1]: is "shop_1.example.com"; it must be a DNS name: lower case letters, digits, '-' and '.'; or '*.' and one
    two references to one parent
      4:46 error: spec.parentRefs[1].name: another parentRef names the same parent
    two references to one parent, one of them with a listener
      4:30 error: spec.parentRefs[0].name: another parentRef names the same parent, and only one of them names a listener
    a type without its field and with that of another
      4:154 error: spec.rules[0].filters[0].urlRewrite.path.type: type ReplaceFullPath needs replaceFullPath, and replacePrefixMatch goes with type ReplacePrefixMatch alone → Use ReplacePrefixMatch
    the names of an Ingress
      4:35 error: spec.rules[0].backendRefs[0].serviceName: is no field of the API; name is → Rename it to name
      4:54 error: spec.rules[0].backendRefs[0].servicePort: is no field of the API; port is → Rename it to port
    a timeout
      4:101 error: spec.rules[0].timeouts.backendRequest: one attempt (backendRequest) may not take longer than all of them (request)
    a header that only the experimental channel refuses
      4:100 info: spec.rules[0].matches[0].headers[0].value: is "a  b"; it must be printable, with single spaces between
    what something fills in
    an address
      4:52 error: spec.addresses[0].value: is no IP address; an address of another kind has type: Hostname"
  `);
});
