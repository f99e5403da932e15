import { fieldOf } from '../../manifest/manifest.ts';
import { replacing } from '../fixes.ts';
import { rule } from '../rule.ts';

/** A rule whose every backend has weight 0. */
export const noWeight = rule({
  id: 'no-weight',
  topic: 'gateways',
  severity: 'warning',
  meaning: 'No backend gets a share: the gateway answers 500 itself for every request of the rule.',
  remedy: 'Give a backend a weight above 0, or take the rule away.',
  link: 'https://gateway-api.sigs.k8s.io/guides/traffic-splitting/',
  about: 'Route',
  *check(route) {
    for (const { backends } of route.rules) {
      const [first] = backends;
      if (first === undefined || backends.some(({ weight }) => weight > 0)) continue;
      yield {
        message:
          `Every backend of this rule of ${route.kind} ${route.name} has weight 0: ` +
          'the gateway answers 500 itself.',
        at: fieldOf(route.manifest, ...first.at, 'weight'),
        fixes: replacing(`Give Service ${first.name} weight 1`, route.manifest, '1', ...first.at, 'weight'),
      };
    }
  },
  bad: {
    says: 'has weight 0',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: one, port: 80, weight: 0 }, { name: two, port: 80, weight: 0 }]
                                                   ~
`,
  },
  isMended: true,
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: one, port: 80, weight: 0 }, { name: two, port: 80 }]
    - filters: [{ type: RequestRedirect, requestRedirect: { scheme: https } }]
`,
});
