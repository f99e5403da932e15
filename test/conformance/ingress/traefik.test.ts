import type Fraction from 'fraction.js';
import { expect, test } from 'vitest';
import type { ClusterModel } from '../../../shared/cluster/clusterModel.ts';
import { clusterOf, controllerBehindBalancer, foundIn, traceIn } from '../../scene.ts';

const rule = (host: string, path: string, service: string): object => ({
  host,
  http: { paths: [{ path, pathType: 'Prefix', backend: { service: { name: service, port: { number: 80 } } } }] },
});

interface Given {
  readonly image?: string;
  /** What the profile says of the controller. */
  readonly told?: object;
  readonly args?: readonly string[];
  readonly rules: readonly object[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

const services = ['wildcard', 'exact', 'one', 'two'];

/** Traefik behind a load balancer, an Ingress, and its backends. */
function traefikWith({
  image = 'traefik:v3.7.13',
  told,
  args = [],
  rules,
  annotations = {},
  spec = {},
}: Given): ClusterModel {
  const profile = {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'own' },
    spec: { ingressControllers: [{ class: 'traefik', implementation: 'traefik', ...told }] },
  };
  return clusterOf([
    ...(told === undefined ? [] : [profile]),
    ...controllerBehindBalancer('default', 'traefik', { container: { image, args } }),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'all', annotations },
      spec: { ingressClassName: 'traefik', rules, ...spec },
    },
    ...services.flatMap((name) => [
      { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { name }, ports: [{ port: 80 }] } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { name } },
        spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
      },
    ]),
  ]);
}

/** How a request ends. */
function ends(given: Given, url: string): string {
  const { paths, assumptions } = traceIn(traefikWith(given), url);
  const shares = new Map<string, Fraction>();
  for (const { verdict, probability } of paths) {
    const end =
      verdict.kind === 'delivered' ? `${verdict.service}` : verdict.kind === 'answered' ? `${verdict.status}` : '?';
    shares.set(end, probability.add(shares.get(end) ?? 0));
  }
  const said = [...shares].map(([end, share]) => `${share.toFraction()} ${end}`);
  const named = assumptions.map(({ id }) => id.split(':')[0]).filter((id) => id === 'traefik-version');
  return [...said, ...named].join(', ');
}

const wildcards = [rule('*.example.com', '/', 'wildcard'), rule('a.example.com', '/', 'exact')];

test.each([
  // `Host("*.example.com")` is as long as `Host("a.example.com")`.
  { image: 'traefik:v3.7.13', ends: '1/2 wildcard, 1/2 exact' },
  // `HostRegexp(…)` is longer.
  { image: 'traefik:v3.6.2', ends: '1 wildcard' },
  { image: 'traefik@sha256:abc', ends: '1/2 wildcard, 1/2 exact, traefik-version' },
  { image: 'traefik@sha256:abc', told: { version: 'v3.6.2' }, ends: '1 wildcard' },
  { image: 'traefik@sha256:abc', told: { version: '3.6', service: 'default/traefik' }, ends: '1 wildcard' },
  // What runs says more.
  { image: 'traefik:v3.7.13', told: { version: '3.6' }, ends: '1/2 wildcard, 1/2 exact' },
])('a wildcard host beside one of its length: $image, $told', ({ image, told, ends: wanted }) => {
  expect(ends({ image, rules: wildcards, ...(told === undefined ? {} : { told }) }, 'http://a.example.com/')).toBe(
    wanted,
  );
});

const one = [rule('a.example.com', '/foo', 'one')];

test.each<[string, Given, string, string]>([
  ['a prefix goes letter by letter', { rules: one }, 'http://a.example.com/foobar', '1 one'],
  [
    'unless told otherwise',
    { rules: one, args: ['--providers.kubernetesIngress.strictPrefixMatching'] },
    'http://a.example.com/foobar',
    '1 404',
  ],
  ['tls gives certificates alone', { rules: one, spec: { tls: [{}] } }, 'http://a.example.com/foo', '1 one'],
  [
    'router.tls takes plain HTTP away',
    { rules: one, annotations: { 'traefik.ingress.kubernetes.io/router.tls': 'true' } },
    'http://a.example.com/foo',
    '1 404',
  ],
  [
    'a default backend beside rules is ignored',
    { rules: one, spec: { defaultBackend: { service: { name: 'two', port: { number: 80 } } } } },
    'http://a.example.com/other',
    '1 404',
  ],
  [
    'what its annotations say must be readable',
    { rules: one, annotations: { 'traefik.ingress.kubernetes.io/router.priority': 'high' } },
    'http://a.example.com/foo',
    '1 404',
  ],
  [
    'a rule without its Service is no router',
    { rules: [rule('a.example.com', '/', 'two'), rule('a.example.com', '/foo', 'gone')] },
    'http://a.example.com/foo',
    '1 two',
  ],
  ['and where nothing else is', { rules: [rule('a.example.com', '/', 'gone')] }, 'http://a.example.com/', '1 404'],
  ['a path with a broken escape', { rules: one }, 'http://a.example.com/foo%2', '1 400'],
  ['.. goes, and the slash before it', { rules: one }, 'http://a.example.com/x/../foo', '1 one'],
  [
    'an entry point that redirects all',
    { rules: one, args: ['--entryPoints.web.address=:80', '--entryPoints.web.http.redirections.entryPoint.to=:443'] },
    'http://a.example.com/foo',
    '1 301',
  ],
])('%s', (_, given, url, wanted) => expect(ends(given, url)).toBe(wanted));

test.each<[string, Given, string[]]>([
  ['goes letter by letter', { rules: one }, ['path-reads-otherwise']],
  ['is strict', { rules: one, args: ['--providers.kubernetesIngress.strictPrefixMatching'] }, []],
])('lint knows too that a prefix %s', (_, given, expected) =>
  expect(foundIn(traefikWith(given)).map(({ rule: id }) => id)).toEqual(expected),
);
