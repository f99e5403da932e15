import { nodeNamed, selectedPods } from '../../cluster/lookups.ts';
import { waitingFor, type WaitingPods } from '../../cluster/waiting.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { theObject } from '../related.ts';
import { rule, type Severity } from '../rule.ts';

/**
 * A Service that selects pods none of which is there and ready, on a node that is: the lens and the trace say the same.
 * A paused Deployment stays so until somebody ends it. A CronJob's time comes by itself, a Job is made to end, and what
 * a status says is of the moment at which it was read: all that is merely worth knowing.
 */
export const podsNotThere = rule({
  id: 'pods-not-there',
  topic: 'services',
  severity: 'warning',
  meaning: "None of the Service's pods is there and ready: every connection to it is rejected.",
  remedy: 'Resume, schedule or mend the workload that the message names.',
  details:
    'A workload whose status counts fewer ready pods than it wants, a paused Deployment, a suspended Job; what ' +
    'comes by itself is worth knowing and no fault.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions',
  about: 'Service',
  *check(service, { model, isComplete }) {
    const { manifest, name, headless, publishNotReadyAddresses } = service;
    if (!isComplete || !isWatched(service) || model.endpointsOf(service).source !== 'pods') return;
    const pods = selectedPods(model, service);
    const there = pods.filter(({ waits, ready }) => waits === null && (ready || publishNotReadyAddresses));
    const lost = there.filter(({ node }) => nodeNamed(model, node)?.ready === false);
    const [unreached] = lost;
    if (unreached !== undefined && !headless && lost.length === there.length) {
      const which = lost.length === 1 ? 'its only ready pod is' : `all its ${lost.length} ready pods are`;
      const nodes = [...new Set(lost.map(({ node }) => node))];
      const where = nodes.length === 1 ? `node ${nodes[0]}, which isn't` : `nodes ${nodes.join(', ')}, which aren't`;
      yield {
        message: `Every connection to Service ${name} is lost: ${which} on ${where} ready.`,
        severity: 'info',
        at: fieldOf(manifest, 'spec', 'selector'),
        related: [theObject(unreached.manifest)],
      };
    }
    if (there.length > 0) return;
    const waiting = waitingFor(model, service);
    // A probe and a count have rules of their own, at their own lines.
    if (waiting.every(({ waits }) => saidElsewhere.has(waits))) return;
    const effect = headless ? 'its name stands for no address' : 'every connection to it is rejected';
    const workloads = [...new Set(pods.map((pod) => pod.manifest))].slice(0, mostRelated);
    yield {
      message: `Service ${name} has no ready endpoint, so ${effect}: ${waiting.map(({ text }) => text).join('; ')}.`,
      severity: waiting.some(({ waits }) => severityOf[waits] === 'warning') ? 'warning' : 'info',
      at: fieldOf(manifest, 'spec', 'selector'),
      related: workloads.map((each) => theObject(each)),
    };
  },
  bad: {
    says: 'Deployment web is paused, so it has made no pods',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
            ~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { paused: true, template: { metadata: { labels: { app: web } } } }
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { paused: false, template: { metadata: { labels: { app: web } } } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: report }
spec: { jobTemplate: { spec: { template: { metadata: { labels: { app: web } } } } } }
`,
});

const mostRelated = 5;

const saidElsewhere: ReadonlySet<WaitingPods['waits']> = new Set(['probe', 'none', 'scaler']);

const severityOf: Readonly<Record<WaitingPods['waits'], Severity>> = {
  paused: 'warning',
  time: 'info',
  job: 'info',
  scheduling: 'info',
  address: 'info',
  status: 'info',
  node: 'info',
  suspended: 'info',
  probe: 'warning',
  none: 'warning',
  scaler: 'info',
  ended: 'info',
};
