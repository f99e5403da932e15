import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { resolveInCluster } from '../../network/dns.ts';
import { rule } from '../rule.ts';

/** Services of type ExternalName that are aliases of each other. */
export const aliasLoop = rule({
  id: 'alias-loop',
  topic: 'services',
  severity: 'warning',
  meaning: 'The name leads back to itself: no resolver ever finds an address.',
  remedy: 'Point one of the Services at a name outside the circle.',
  details: "Speaks of `ExternalName` Services whose names are each other's, or their own, within the set.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#externalname',
  about: 'Service',
  *check(service, { model }) {
    const loop = loopFrom(model, service);
    if (loop === null) return;
    yield {
      message: `${loop.map(({ name }) => name).join(' → ')}: the alias leads back to itself, so it never resolves.`,
      at: fieldOf(service.manifest, 'spec', 'externalName'),
    };
  },
  bad: {
    says: 'one → two → one',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: one }
spec:
  type: ExternalName
  externalName: two.default.svc.cluster.local
                ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: two }
spec:
  type: ExternalName
  externalName: one.default.svc.cluster.local
                ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: one }
spec: { type: ExternalName, externalName: two.default.svc.cluster.local }
---
apiVersion: v1
kind: Service
metadata: { name: two }
spec: { type: ExternalName, externalName: db.example.com }
`,
});

/** The aliases that a Service leads through until it comes again; null where it doesn't. */
function loopFrom(model: ClusterModel, service: Service): Service[] | null {
  const met: Service[] = [];
  for (let here: Service | null = service; here !== null; here = nextAlias(model, here)) {
    if (met.includes(here)) return here === service ? [...met, here] : null;
    met.push(here);
  }
  return null;
}

function nextAlias(model: ClusterModel, { type, externalName, namespace }: Service): Service | null {
  if (type !== 'ExternalName' || externalName === null) return null;
  const found = resolveInCluster(model, `${externalName.replace(/\.$/, '')}.`, namespace);
  return found.kind === 'service' ? found.service : null;
}
