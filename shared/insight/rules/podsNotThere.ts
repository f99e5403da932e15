import { selectedPods } from '../../cluster/clusterModel.ts';
import type { Waiting } from '../../cluster/pod.ts';
import { waitingFor } from '../../cluster/waiting.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { rule, type Severity } from '../rule.ts';

/**
 * A Service that selects pods none of which is there and ready: the lens and the trace say the same. A paused
 * Deployment stays so until somebody ends it. A CronJob's time comes by itself, and what a status says is of the moment
 * at which it was read: both are merely worth knowing.
 */
export const podsNotThere = rule({
  id: 'pods-not-there',
  severity: 'warning',
  meaning: "None of the Service's pods is there and ready: every connection to it is rejected.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions',
  about: 'Service',
  *check(service, { model, isComplete }) {
    const { manifest, name, headless, publishNotReadyAddresses } = service;
    if (!isComplete || !isWatched(service) || model.endpointsOf(service).source !== 'pods') return;
    const pods = selectedPods(service, model);
    if (pods.some(({ waits, ready }) => waits === null && (ready || publishNotReadyAddresses))) return;
    const waiting = waitingFor(model, service);
    if (waiting.length === 0) return;
    const effect = headless ? 'its name stands for no address' : 'every connection to it is rejected';
    const workloads = [...new Set(pods.map((pod) => pod.manifest))].slice(0, mostRelated);
    yield {
      message: `Service ${name} has no ready endpoint, so ${effect}: ${waiting.map(({ text }) => text).join('; ')}.`,
      severity: waiting.some(({ waits }) => severityOf[waits] === 'warning') ? 'warning' : 'info',
      at: fieldOf(manifest, 'spec', 'selector'),
      related: workloads.map((each) => ({
        message: `${each.kind} ${each.name}`,
        at: fieldOf(each, 'metadata', 'name'),
      })),
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

const severityOf: Readonly<Record<Waiting, Severity>> = {
  paused: 'warning',
  time: 'info',
  job: 'info',
  scheduling: 'info',
  address: 'info',
  status: 'info',
};
