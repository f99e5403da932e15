import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { selectedPods, servicesIn } from '../../cluster/lookups.ts';
import { isPortShared, type Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { type Selectable, workloadsNamed } from '../absence.ts';
import { theObject } from '../related.ts';
import { type Fix, rule } from '../rule.ts';

/** A Service that was copied from another, selector and all, while its own workload waits for one. */
export const selectorCopied = rule({
  id: 'selector-copied',
  topic: 'services',
  severity: 'warning',
  meaning: "The Service leads to another Service's pods, and its own workload gets no traffic.",
  remedy: "Write the labels of the Service's own workload into its selector.",
  details:
    'It speaks where two Services of a namespace have one selector, the workload that has ' +
    "the second one's name is selected by no Service, and the two have a port in common or the pods are of the " +
    "workload that has the first one's name.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service',
  about: 'Service',
  *check(service, { model, isComplete }) {
    const { selector, name, namespace, manifest } = service;
    if (!isComplete || selector === null) return;
    const alike = bySelector(model)
      .get(selectorKey(service))
      .filter((each) => each.name !== name);
    if (alike.length === 0) return;
    const pods = selectedPods(model, service);
    const twin = alike.find(
      (each) => isPortShared(each, service) || pods.every(({ owner }) => owner.name === each.name),
    );
    const own = twin === undefined ? undefined : workloadsNamed(model, namespace, name)[0];
    if (twin === undefined || own === undefined || own.labels.size === 0 || isSelected(model, own)) return;
    const [other] = pods;
    if (other === undefined) return;
    yield {
      message:
        `Service ${name} has the selector of Service ${twin.name}, so it leads to ${other.owner.kind} ` +
        `${other.owner.name}; ${own.owner.kind} ${own.owner.name} is selected by no Service.`,
      at: fieldOf(manifest, 'spec', 'selector'),
      related: [theObject(own.manifest, own.owner), theObject(twin.manifest)],
      fixes: fixes(service, own),
    };
  },
  bad: {
    says: 'Service cart has the selector of Service web, so it leads to Deployment web; Deployment cart is',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec:
  selector: { app: web }
            ~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec: { template: { metadata: { labels: { app: cart } } } }
`,
  },
  also: [
    {
      says: 'Service cart has the selector of Service web, so it leads to Deployment web; Deployment cart is',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec:
  selector: { app: web }
            ~~~~~~~~~~~~
  ports: [{ port: 8080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec: { template: { metadata: { labels: { app: cart } } } }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: web-internal }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});

function selectorKey({ namespace, selector }: Service): string {
  return JSON.stringify([namespace, [...(selector ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

const bySelector = indexOfModel(
  ({ services }) => services,
  (service: Service) => (service.selector === null ? [] : [selectorKey(service)]),
);

function isSelected(model: ClusterModel, { namespace, labels }: Selectable): boolean {
  return servicesIn(model, namespace).some(
    ({ selector }) => selector !== null && [...selector].every(([key, value]) => labels.get(key) === value),
  );
}

/** The workload's own values of the selector's labels, where it has them all. */
function fixes({ selector, manifest, name }: Service, { labels }: Selectable): Fix[] {
  const edits = [...(selector ?? [])].flatMap(([key, value]): Fix['edits'][number][] => {
    const own = labels.get(key);
    if (own === undefined || own === value) return [];
    return [{ kind: 'replace', at: fieldOf(manifest, 'spec', 'selector', key), text: own }];
  });
  const hasAll = [...(selector ?? [])].every(([key]) => labels.has(key));
  return hasAll && edits.length > 0 ? [{ title: `Select ${name}'s own pods`, edits }] : [];
}
