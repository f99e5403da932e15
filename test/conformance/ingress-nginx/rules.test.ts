import { expect, test } from 'vitest';
import { clusterOf, foundIn } from '../../scene.ts';
import { answersIn, measuredWith } from './controller.ts';

interface Written {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly created?: string;
  readonly service?: string;
}

/** `where`: a host and a path, each with its type: `a.example/foo Prefix`. */
function ingress(name: string, where: readonly string[], { annotations = {}, created, service = 's0' }: Written = {}) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      ...(created === undefined ? {} : { creationTimestamp: created }),
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      ),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: where.map((each) => {
        const [, host, path, pathType] = /^([^/]*)(\S*) ?(\w*)$/.exec(each) ?? [];
        const backend = { service: { name: service, port: { number: 80 } } };
        return path === '' ? { host } : { host, http: { paths: [{ path, pathType, backend }] } };
      }),
    },
  };
}

const ofNginx = ['ingress-nginx-refuses', 'ingress-nginx-stalls', 'annotation-unread'];

function found(...ingresses: readonly object[]): string[] {
  return foundIn(measuredWith(ingresses))
    .filter(({ rule }) => ofNginx.includes(rule))
    .map(({ rule, message }) => `${rule}: ${message}`);
}

const twice = "ingress-nginx-refuses: ingress-nginx's webhook refuses this Ingress: Ingress one has a.example, path";

test.each<[about: string, ingresses: readonly object[], wanted: readonly string[]]>([
  ['nothing', [ingress('one', ['a.example/foo Prefix', 'a.example/foo/bar Exact'])], []],
  [
    'a path that another has',
    [ingress('one', ['a.example/foo Prefix']), ingress('two', ['a.example/foo Prefix'])],
    [`${twice} /foo already.`],
  ],
  [
    'the same with a slash: the other has it too, by its prefix',
    [ingress('one', ['a.example/foo Prefix']), ingress('two', ['a.example/foo/ Prefix'])],
    [`${twice} /foo/ already.`],
  ],
  [
    'the other way round the webhook sees nothing, and nginx does',
    [ingress('one', ['a.example/foo/ Prefix']), ingress('two', ['a.example/foo Prefix'])],
    [
      'ingress-nginx-stalls: nginx refuses its whole configuration: on a.example, /foo/ and /foo become the same ' +
        'location, /foo/. The webhook lets it through, and until it is mended ingress-nginx applies no change of ' +
        'anything.',
    ],
  ],
  [
    'a canary may have the path of another',
    [
      ingress('one', ['a.example/foo Prefix']),
      ingress('two', ['a.example/foo Prefix'], { annotations: { canary: 'true' }, service: 's1' }),
    ],
    [],
  ],
  [
    "a canary's rule without paths",
    [ingress('one', ['a.example/foo Prefix']), ingress('two', ['a.example'], { annotations: { canary: 'true' } })],
    [
      'ingress-nginx-stalls: nginx refuses its whole configuration: a canary with a rule without http makes the ' +
        'controller panic. The webhook lets it through, and until it is mended ingress-nginx applies no change of ' +
        'anything.',
    ],
  ],
  [
    'a variable that nginx does not know',
    [ingress('one', ['a.example/foo Prefix'], { annotations: { 'app-root': '/$tenant' } })],
    [
      'ingress-nginx-stalls: nginx refuses its whole configuration: app-root has $tenant, which is no variable of ' +
        'nginx. The webhook lets it through, and until it is mended ingress-nginx applies no change of anything.',
    ],
  ],
  [
    'values that are passed over',
    [ingress('one', ['a.example/foo Prefix'], { annotations: { 'use-regex': 'yes', 'canary-weight': '20%' } })],
    [
      'annotation-unread: canary-weight is no whole number: 20%. ingress-nginx passes over it.',
      'annotation-unread: use-regex is neither true nor false: yes. ingress-nginx passes over it.',
    ],
  ],
])('%s', (_, ingresses, wanted) => expect(found(...ingresses).toSorted()).toEqual(wanted.toSorted()));

const canary = ingress('next', ['a.example/ Prefix'], {
  annotations: { canary: 'true', 'canary-weight': '20' },
  service: 's1',
});

test.each<[about: string, ingresses: readonly object[], url: string, answers: readonly string[]]>([
  [
    'a canary takes its share in other hosts too',
    [ingress('one', ['a.example/ Prefix']), ingress('two', ['b.example/ Prefix']), canary],
    'b.example/x',
    ['s0 b.example /x', 's1 b.example /x'],
  ],
  [
    "a Service that a canary names first is the canary's alone",
    [
      ingress('one', ['a.example/ Prefix'], { created: '2025-01-02T00:00:00Z' }),
      ingress('two', ['b.example/ Prefix'], { created: '2025-01-02T00:00:00Z', service: 's1' }),
      ingress('next', ['a.example/ Prefix'], {
        created: '2025-01-01T00:00:00Z',
        annotations: { canary: 'true' },
        service: 's1',
      }),
    ],
    'b.example/x',
    ['404'],
  ],
  [
    'a missing Secret closes the path',
    [ingress('one', ['a.example/ Prefix'], { annotations: { 'auth-type': 'basic', 'auth-secret': 'gone' } })],
    'a.example/',
    ['503'],
  ],
  [
    "what no path takes has the oldest Ingress's redirect",
    [
      ingress('old', ['a.example/old Prefix'], {
        created: '2025-01-01T00:00:00Z',
        annotations: { 'permanent-redirect': 'https://new.example' },
      }),
      ingress('new', ['a.example/new Prefix'], { created: '2025-01-02T00:00:00Z' }),
    ],
    'a.example/elsewhere',
    ['301 https://new.example'],
  ],
  ['a way out of the root', [ingress('one', ['a.example/ Prefix'])], 'a.example/../x', ['400']],
  [
    'a path that is rewritten to nothing',
    [ingress('one', ['a.example/x(/.*)? ImplementationSpecific'], { annotations: { 'rewrite-target': '$1' } })],
    'a.example/x',
    ['500'],
  ],
])('%s', (_, ingresses, url, answers) => {
  const slash = url.indexOf('/');
  const found = answersIn(measuredWith(ingresses), { host: url.slice(0, slash), path: url.slice(slash) });
  expect(found).toEqual(answers);
});

test('without a class, it is the webhook only of an ingress-nginx that is told to take such', () => {
  const { spec, ...rest } = ingress('one', ['a.example/foo(.*) Prefix'], { annotations: { 'use-regex': 'true' } });
  const classless = { rules: spec.rules };
  const about = (each: object): string[] =>
    foundIn(clusterOf([each]))
      .filter(({ rule }) => rule === 'ingress-nginx-refuses')
      .map(({ severity, message }) => `${severity}: ${message}`);
  const why = ': a path like /foo(.*) needs pathType: ImplementationSpecific.';
  const refuses = "ingress-nginx's webhook refuses this Ingress";
  expect(about({ ...rest, spec })).toEqual([`error: ${refuses}${why}`]);
  expect(about({ ...rest, spec: classless })).toEqual([`warning: ${refuses}, if it takes one without a class${why}`]);
});
