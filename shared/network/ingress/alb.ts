import type { PathMatch } from '../match.ts';
import { sameUnderHttps } from '../routing/location.ts';
import { dialect, exactThenLongest } from './standard.ts';

const targetType = 'alb.ingress.kubernetes.io/target-type';

/** AWS Load Balancer Controller 2 and 3: an Application Load Balancer for each Ingress, or for each group of them. */
export const alb = dialect({
  id: 'alb',
  product: 'AWS Load Balancer Controller',
  presence: { kind: 'cloud', classNames: ['alb'], controllerName: 'ingress.k8s.aws/alb' },
  annotations: {
    prefixes: ['alb.ingress.kubernetes.io/'],
    modelled: ['target-type', 'group.name', 'ssl-redirect'].map((name) => `alb.ingress.kubernetes.io/${name}`),
    harmless: new RegExp(
      [
        'healthcheck',
        'subnets',
        'security-groups',
        'certificate-arn',
        'tags',
        'scheme',
        'ip-address-type',
        'load-balancer-',
        'success-codes',
        'group\\.order',
        'listen-ports',
        'ssl-policy',
        'wafv2',
        'shield',
      ].join('|'),
    ),
  },
  pathOf: ({ path, pathType }): PathMatch => {
    if (pathType === 'Exact') return { kind: 'exact', path };
    if (pathType === 'Prefix') return { kind: 'elements', path };
    return /[*?]/.test(path)
      ? {
          kind: 'expression',
          expression: path
            .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '.*')
            .replaceAll('?', '.'),
          dialect: 'RE2',
          ignoresCase: false,
          anchors: 'both',
        }
      : { kind: 'exact', path };
  },
  rank: exactThenLongest,
  toPlainHttp: ({ manifest: { annotations } }) =>
    annotations.has('alb.ingress.kubernetes.io/ssl-redirect')
      ? [
          {
            host: null,
            status: 301,
            location: sameUnderHttps,
            text: 'The load balancer redirects plain HTTP to {location}.',
            at: ['metadata', 'annotations', 'alb.ingress.kubernetes.io/ssl-redirect'],
          },
        ]
      : [],
  // What a Service says beats what the Ingress says.
  sendsToPods: (service, ingress) =>
    (service.manifest.annotations.get(targetType) ?? ingress?.manifest.annotations.get(targetType)) === 'ip',
  // One target group, of IPv6 as soon as the Service has it: pkg/ingress/model_build_target_group.go (3.5).
  podFamily: ({ ipFamilies }) => (ipFamilies.includes('IPv6') ? 'IPv6' : 'IPv4'),
  groupOf: ({ namespace, name, manifest: { annotations } }) =>
    annotations.get('alb.ingress.kubernetes.io/group.name') ?? `${namespace}/${name}`,
  remark:
    'Each Ingress has a load balancer of its own, unless `group.name` puts several on one. An ' +
    '`ImplementationSpecific` path is exact, with `*` and `?` as wildcards.',
  sources: [
    'kubernetes-sigs/aws-load-balancer-controller docs/guide/ingress/annotations.md, docs/guide/ingress/spec.md (2.13)',
    'docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html (path conditions)',
  ],
});
