import { eachOfDeclared, ofDeclared } from '../../cluster/declared.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { unfollowedProduct } from '../../cluster/unfollowed.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/** Objects that lead traffic and that aren't read here: said once for each product of a set. */
export const notFollowed = rule({
  id: 'not-followed',
  topic: 'names',
  severity: 'hint',
  meaning: 'Traces, lenses and findings are as if these objects were not there.',
  remedy: 'Nothing: what these objects do with traffic has to be looked up in the product itself.',
  details: 'Once for each product of a set, at its first object; the others are in the related places.',
  link: 'https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/',
  about: 'object',
  *check(manifest, { model }) {
    const product = unfollowedProduct(manifest);
    if (product === null) return;
    const { first, count, kinds, others } = unfollowedIn(model.declared).get(product) ?? nothing;
    if (first?.key !== manifest.key) return;
    const which = count === 1 ? `${manifest.kind} ${manifest.name}` : `the ${count} objects (${kinds.join(', ')})`;
    yield {
      message:
        `Hoplens doesn't follow ${which} of ${product} yet: ` +
        `what it says is as if ${count === 1 ? 'it' : 'they'} weren't there.`,
      at: fieldOf(manifest, 'metadata', 'name'),
      related: others.map((each) => theObject(each)),
    };
  },
  bad: {
    says: "doesn't follow the 2 objects (VirtualService, DestinationRule) of Istio yet",
    yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
        ~~~
spec: { hosts: [web], http: [{ route: [{ destination: { host: web, subset: v2 } }] }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: web
spec: { host: web, subsets: [{ name: v2, labels: { version: v2 } }] }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }
`,
});

/** What a set has of a product. */
interface Unfollowed {
  readonly first: Manifest | null;
  readonly count: number;
  readonly kinds: readonly string[];
  /** The next few. */
  readonly others: readonly Manifest[];
}

const nothing: Unfollowed = { first: null, count: 0, kinds: [], others: [] };

const mostRelated = 5;

const unfollowedObjects = eachOfDeclared(
  ({ manifests }) => manifests,
  (manifest: Manifest) => (unfollowedProduct(manifest) === null ? [] : [manifest]),
);

const unfollowedIn = ofDeclared(
  (declared): ReadonlyMap<string, Unfollowed> =>
    new Map(
      [...Map.groupBy(unfollowedObjects(declared), (each) => unfollowedProduct(each) ?? '')].map(([product, all]) => {
        const [first = null, ...others] = all;
        const kinds = [...new Set(all.map(({ kind }) => kind))];
        return [product, { first, count: all.length, kinds, others: others.slice(0, mostRelated) }];
      }),
    ),
  {
    eager: true,
    same: (a, b) => sameItems([...a].map(idOf), [...b].map(idOf)),
  },
);

function idOf([product, { first, count, kinds, others }]: readonly [string, Unfollowed]): string {
  return JSON.stringify([product, first?.key, count, kinds, others.map(({ key }) => key)]);
}
