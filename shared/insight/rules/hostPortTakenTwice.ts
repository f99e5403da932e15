import { eachOfModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { nodeNameOf, podHasEnded, type PodTemplate, readPodTemplate } from '../../cluster/pod.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { booleanAt, type FieldPath, integerAt, itemsAt, textAt, valueAt } from '../../manifest/value.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/**
 * Two pods that must run on one node and want the same port of it. On the host network, every declared port is the
 * node's. The scheduler refuses the node to the second for that (`NodePorts`); with `nodeName` the kubelet does.
 * Source: kubernetes/kubernetes pkg/scheduler/framework/plugins/nodeports/node_ports.go,
 * pkg/scheduler/framework/types.go `HostPortInfo.CheckConflict`, pkg/apis/core/v1/defaults.go
 * `defaultHostNetworkPorts` (1.36).
 */
export const hostPortTakenTwice = rule({
  id: 'host-port-taken-twice',
  topic: 'pods',
  severity: 'warning',
  meaning: 'A node has the port once: of two pods that must run there, the second never starts.',
  remedy: 'Give one of them another port, or keep them on different nodes.',
  details:
    'Said of two DaemonSets that choose their nodes alike, and of pods that name the same node. Who else shares a ' +
    'node is up to the scheduler, which keeps them apart as long as there are nodes enough. Two with different ' +
    '`hostIP`s get on with each other.',
  link: 'https://kubernetes.io/docs/concepts/configuration/overview/#services',
  about: 'object',
  *check(manifest, { model }) {
    const template = readPodTemplate(manifest);
    if (template === null) return;
    const said = new Set<string>();
    for (const claim of claimsOf(template)) {
      const first = claimsByKey(model)
        .get(claim.key)
        .find((each) => overlaps(each, claim));
      if (first === undefined || first.template.manifest.key === manifest.key || said.has(claim.key)) continue;
      said.add(claim.key);
      const { kind, name } = first.template.manifest;
      const nodes = template.kind === 'DaemonSet' ? 'the same nodes' : `node ${nodeNameOf(template.spec)}`;
      yield {
        message:
          `${manifest.kind} ${manifest.name} and ${kind} ${name} both want ${claim.protocol} port ${claim.port} of ` +
          `${nodes}: whichever comes second never runs there.`,
        at: fieldOf(manifest, ...claim.at),
        related: [theObject(first.template.manifest)],
      };
    }
  },
  bad: {
    says: 'DaemonSet two and DaemonSet one both want TCP port 80 of the same nodes',
    yaml: `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: one }
spec:
  selector: { matchLabels: { app: one } }
  template:
    metadata: { labels: { app: one } }
    spec: { containers: [{ name: web, image: example/web, ports: [{ containerPort: 8080, hostPort: 80 }] }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: two }
spec:
  selector: { matchLabels: { app: two } }
  template:
    metadata: { labels: { app: two } }
    spec:
      hostNetwork: true
      containers:
        - { name: web, image: example/web, ports: [{ containerPort: 80 }] }
                                                                    ~~
`,
  },
  good: `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: one }
spec:
  selector: { matchLabels: { app: one } }
  template:
    metadata: { labels: { app: one } }
    spec: { containers: [{ name: web, image: example/web, ports: [{ containerPort: 8080, hostPort: 80 }] }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: two }
spec:
  selector: { matchLabels: { app: two } }
  template:
    metadata: { labels: { app: two } }
    spec:
      nodeSelector: { kubernetes.io/os: windows }
      containers:
        - { name: web, image: example/web, ports: [{ containerPort: 80, hostPort: 80 }] }
`,
});

interface Claim {
  readonly template: PodTemplate;
  readonly protocol: string;
  readonly port: number;
  readonly address: string;
  readonly at: FieldPath;
  /** Whose nodes and which port: two alike want the same. */
  readonly key: string;
}

const allClaims = eachOfModel(({ declared }) => declared.templates, claimsOf);
const claimsByKey = indexOfModel(allClaims, ({ key }: Claim) => [key]);

/** The ports that a workload's pods take of nodes that they can't choose otherwise. */
function claimsOf(template: PodTemplate): readonly Claim[] {
  const { spec, specPath } = template;
  const where = nodesOf(template);
  if (where === null) return [];
  const field = booleanAt(spec, 'hostNetwork') === true ? 'containerPort' : 'hostPort';
  return itemsAt(spec, 'containers').flatMap((container, index) =>
    itemsAt(container, 'ports').flatMap((item, place): Claim[] => {
      const port = integerAt(item, field) ?? 0;
      if (port === 0) return [];
      const protocol = textAt(item, 'protocol') ?? 'TCP';
      const at = [...specPath, 'containers', index, 'ports', place, field];
      const address = textAt(item, 'hostIP') ?? anyAddress;
      return [{ template, protocol, port, address, at, key: `${where} ${protocol} ${port}` }];
    }),
  );
}

const anyAddress = '0.0.0.0';

function overlaps(a: Claim, b: Claim): boolean {
  return a.address === b.address || [a.address, b.address].includes(anyAddress);
}

/** The nodes that its pods must run on, as a text that is equal for the same; null where the scheduler has a choice. */
function nodesOf({ kind, spec, manifest, count }: PodTemplate): string | null {
  const isOwned = itemsAt(manifest.value, 'metadata', 'ownerReferences').length > 0;
  if (isOwned || count === 0 || kind === 'Job' || kind === 'CronJob' || podHasEnded(manifest.value)) return null;
  const node = nodeNameOf(spec);
  if (node !== undefined) return `node ${node}`;
  return kind === 'DaemonSet'
    ? `all ${JSON.stringify([valueAt(spec, 'nodeSelector') ?? {}, valueAt(spec, 'affinity', 'nodeAffinity') ?? {}])}`
    : null;
}
