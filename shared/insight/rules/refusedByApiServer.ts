import { keyFieldOf, type Manifest } from '../../manifest/manifest.ts';
import { type FieldError, pathText } from '../../manifest/validation/fieldError.ts';
import { portNumber } from '../../manifest/validation/formats.ts';
import { notOfTemplate } from '../../manifest/validation/workload.ts';
import { type FieldPath, keysAt, textAt, valueAt } from '../../manifest/value.ts';
import { adding, removing, replacing, safely } from '../fixes.ts';
import { fieldOfError, refusalsOf, writingMeant } from '../refusals.ts';
import { called } from '../related.ts';
import { type Fix, rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** Source: kubernetes/kubernetes pkg/apis validation packages, pkg/registry; see `shared/manifest/validation/`. */
export const refusedByApiServer = rule({
  id: 'refused-by-api-server',
  topic: 'api',
  severity: 'error',
  meaning: 'The API server refuses the object, so nothing of it comes to be.',
  remedy: 'Mend the field as the message says.',
  details: [
    'Judged whole, as the API server itself does it when an object is created, its defaults applied: Service, ' +
      'EndpointSlice, Endpoints, Ingress, IngressClass, NetworkPolicy and PodDisruptionBudget.',
    'Of Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job and CronJob: what decides ' +
      'about traffic. Their volumes, resources, security contexts, affinity and schedules are only checked for ' +
      'fields that the API lacks and for values of another type, and so are the metrics of a ' +
      'HorizontalPodAutoscaler. Of other kinds: the metadata.',
    'It keeps silent about placeholders, about what a workload without a selector and an image (a patch) lacks, and ' +
      'about what a kustomization that is not built here may add.',
  ].join('\n\n'),
  link: 'https://kubernetes.io/docs/reference/kubernetes-api/',
  refuses: 'API server',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    const errors = refusalsOf(manifest, model.profile.kubernetesMinor).filter(
      (error) => !isSaidElsewhere(error) && (isComplete || error.kind !== 'Required'),
    );
    const misspelt = errors.flatMap(({ path, kind, known = [] }) =>
      kind === 'UnknownField' ? [{ path, meant: meantBy(manifest, path, known) }] : [],
    );
    // What is missing since its name is misspelt is told there.
    const causes = errors.filter(
      ({ path, kind }) =>
        kind === 'UnknownField' ||
        !(misspelt.some((each) => followsFrom(path, each)) || isAllUnknown(manifest, path, misspelt)),
    );
    // One value is underlined once, with everything that is against it.
    for (const [error, ...more] of Map.groupBy(causes, errorKey).values()) {
      if (error === undefined) continue;
      const severity = isOfStatus(error) ? 'warning' : 'error';
      const message = messageOf(manifest, error, more);
      yield { message, severity, at: fieldOfError(manifest, error), fixes: fixesOf(manifest, error) };
    }
  },
  bad: {
    says: 'spec.ports[0].port: must be between 1 and 65535',
    yaml: `
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { my app: web, version: 1.0+beta }
            ~~~~~~
                                  ~~~~~~~~
spec:
  externalTraficPolicy: Local
  ~~~~~~~~~~~~~~~~~~~~
  type: Nodeport
        ~~~~~~~~
  sessionAffinity: ClientIP
  sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } }
                                                       ~~~~~
  ports:
    - port: 80000
            ~~~~~
      targetPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: dual
  annotations:
    service.kubernetes.io/topology-aware-hints: auto
    service.kubernetes.io/topology-mode: Disabled
                                         ~~~~~~~~
spec:
  ipFamilies: [IPv4, IPv6]
              ~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: dual-1, finalizers: [wait] }
                                       ~~~~
addressType: IPv6
endpoints: [{ addresses: ['FD00::1'] }]
                          ~~~~~~~~~
`,
  },
  also: [
    {
      says: 'data.password: is no base64',
      yaml: `
apiVersion: v1
kind: Secret
metadata: { name: web }
data: { password: secret }
                  ~~~~~~
`,
    },
    {
      says: 'pathType: is required: Exact, ImplementationSpecific, Prefix. The API server refuses Ingress web',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: 10.0.0.1
            ~~~~~~~~
      http:
        paths:
          - path: shop
            ~~~~
            backend: { service: { name: shop } }
          - path: shop
                  ~~~~
            pathType: Prefix
            backend: { service: { name: shop } }
                       ~~~~~~~
`,
    },
    {
      says: 'spec.template.spec.containers[0].ports[0].containrPort: is no field of the API; containerPort is.',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web
          ports: [{ containrPort: 80 }]
                    ~~~~~~~~~~~~
          readinessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } }
                                                   ~~~~~~~~~
`,
    },
    {
      says: 'spec.ports[0].port: is the text "80"; it must be a number: write it without quotes',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: "80" }] }
                        ~~~~
`,
    },
    {
      says: 'so nothing of this is limited',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: {}
  ingress:
    - from: [{ podSelector: {}, ipBlock: { cidr: 10.0.0.0/8, except: [11.0.0.0/8] } }]
             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
                                                                      ~~~~~~~~~~
      ports: [{ port: http, endPort: 90 }]
                                     ~~
`,
    },
    {
      says: "restartPolicy: is Always, which is also the default; a Job's pods need OnFailure or Never",
      yaml: `
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec:
  template:
    spec: { containers: [{ name: once, image: once }] }
    ~~~~
`,
    },
    {
      says: 'spec.selector.app: is no field of the API; known here: matchLabels, matchExpressions.',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { app: web }
              ~~~
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
`,
    },
  ],
  good: `
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { my-app: web, version: 1.0-beta }
spec:
  externalTrafficPolicy: Local
  type: NodePort
  ports:
    - port: 8000
      targetPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: dual
  annotations:
    service.kubernetes.io/topology-aware-hints: auto
    service.kubernetes.io/topology-mode: auto
spec:
  ipFamilies: [IPv4, IPv6]
  ipFamilyPolicy: PreferDualStack
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: both }
spec:
  clusterIP: None
  ipFamilies: [IPv4, IPv6]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: dual-1, finalizers: [example.com/wait] }
addressType: IPv6
endpoints: [{ addresses: ['fd00::1'] }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: '*.shop.example'
      http:
        paths: [{ path: /shop, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web
          ports: [{ containerPort: 80 }]
          readinessProbe: { httpGet: { port: 80 } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: patch }
spec: { replicas: 3, template: { metadata: { labels: { app: web } } } }
`,
});

function errorKey({ path, kind, shownAt, isAboutKey }: FieldError): string {
  return `${kind} ${pathText(shownAt ?? path)} ${isAboutKey}`;
}

function messageOf(manifest: Manifest, error: FieldError, more: readonly FieldError[]): string {
  const { kind } = manifest;
  const { path, detail, known = [] } = error;
  const meant = error.kind === 'UnknownField' ? meantBy(manifest, path, known) : null;
  const says =
    meant === null
      ? [...new Set([detail, ...more.map((each) => each.detail)])].join('; ')
      : `is no field of the API; ${meant} is`;
  const effect = isOfStatus({ path })
    ? 'takes no such status, so it is left out here'
    : `refuses ${called(manifest)}${effects[kind] ?? ''}`;
  const what = path.length === 0 ? called(manifest) : `${pathText(path)}:`;
  return `${what} ${says}. The API server ${effect}.`;
}

const noPods = ', so none of these pods starts';

/** What that means for traffic, where the kind alone says it. */
const effects: Readonly<Record<string, string>> = {
  Ingress: ', so nothing of this is routed',
  NetworkPolicy: ', so nothing of this is limited',
  Pod: '',
  Deployment: noPods,
  ReplicaSet: noPods,
  StatefulSet: noPods,
  DaemonSet: noPods,
  ReplicationController: noPods,
};

/** What older versions of Ingress have, and where the newest has it. */
const moved: Readonly<Record<string, string>> = {
  'Ingress serviceName': 'service.name',
  'Ingress servicePort': 'service.port',
  'Ingress backend': 'defaultBackend',
};

/** The field that somebody meant who wrote one that the API lacks; null for who knows what. */
function meantBy({ kind, value }: Manifest, path: FieldPath, known: readonly string[]): string | null {
  const own = String(path.at(-1));
  const siblings = keysAt(value, ...path.slice(0, -1));
  // `serviceName` in a `service` is its `name`.
  const names = [own, own.replace(String(path.at(-2)), '')].map((each) => each.toLowerCase());
  const isMeant = (each: string): boolean => names.includes(each.toLowerCase()) || isLike(own, each);
  const here = known.find((each) => isMeant(each) && !siblings.includes(each));
  return here ?? moved[`${kind} ${own}`] ?? null;
}

/** Whether a fault is that something isn't there which stands beside it under another name. */
function followsFrom(
  path: FieldPath,
  { path: unknown, meant }: { readonly path: FieldPath; readonly meant: string | null },
): boolean {
  if (meant === null) return false;
  const holder = unknown.slice(0, -1);
  return [holder, [...holder, ...meant.split('.')]].some((each) => pathText(each) === pathText(path));
}

/** Whether a map counts as empty since the API knows none of its keys. */
function isAllUnknown({ value }: Manifest, path: FieldPath, unknown: readonly { readonly path: FieldPath }[]): boolean {
  const keys = keysAt(value, ...path);
  const isUnknown = (key: string): boolean => unknown.some((each) => pathText(each.path) === pathText([...path, key]));
  return keys.length > 0 && keys.every(isUnknown);
}

function fixesOf(manifest: Manifest, error: FieldError): Fix[] {
  const { path, kind, known = [], isQuoted } = error;
  const own = String(path.at(-1));
  const text = textAt(manifest.value, ...path) ?? '';
  const holder = path.slice(0, -1);
  const place = pathText(path.filter((step) => typeof step === 'string'));
  if (kind === 'UnknownField') {
    const meant = meantBy(manifest, path, known);
    if (meant === null || !known.includes(meant)) return [];
    return [{ title: `Write ${meant}`, edits: [{ kind: 'replace', at: keyFieldOf(manifest, ...path), text: meant }] }];
  }
  if (known.length > 0) return writingMeant(manifest, error);
  if (kind === 'Forbidden') return removing(`Leave ${own} out`, manifest, ...path);
  if (isQuoted === true) return safely(replacing('Write it without quotes', manifest, text, ...path));
  if (kind === 'Required' && own === 'pathType')
    return ['Prefix', 'Exact', 'ImplementationSpecific'].flatMap((type) =>
      adding(`Add pathType: ${type}`, manifest, { key: own, text: type }, ...holder),
    );
  if (kind === 'Required' && place === 'spec.selector') {
    const labels = valueAt(manifest.value, 'spec', 'template', 'metadata', 'labels');
    if (keysAt(labels).length === 0) return [];
    const matched = JSON.stringify(labels);
    const selector = manifest.kind === 'ReplicationController' ? matched : `{ matchLabels: ${matched} }`;
    return adding("Select by the template's labels", manifest, { key: own, text: selector }, ...holder);
  }
  if (kind === 'Required' && own === 'restartPolicy')
    return ['OnFailure', 'Never'].flatMap((policy) => [
      ...adding(`Add restartPolicy: ${policy}`, manifest, { key: own, text: policy }, ...holder),
      ...replacing(`Write ${policy}`, manifest, policy, ...path),
    ]);
  if (manifest.kind === 'Ingress' && own === 'path' && text !== '' && !text.startsWith('/'))
    return replacing(`Write /${text}`, manifest, `/${text}`, ...path);
  return [];
}

/** Whoever applies a manifest applies no status: what stands there is somebody's note of it. */
function isOfStatus({ path }: Pick<FieldError, 'path'>): boolean {
  return path[0] === 'status';
}

/** Rules of their own say these, with more about what they mean for traffic. */
function isSaidElsewhere({ path, kind, detail, isUnquoted }: FieldError): boolean {
  const place = pathText(path.filter((step) => typeof step === 'string'));
  return (
    isUnquoted === true ||
    detail === notOfTemplate ||
    (kind === 'Forbidden' && place === 'spec.loadBalancerSourceRanges') ||
    (kind === 'Invalid' && place === 'spec.externalTrafficPolicy') ||
    (kind === 'Required' && place === 'spec.ports.name') ||
    (kind === 'Duplicate' && place === 'spec.ports.nodePort') ||
    (kind === 'Invalid' && place === 'spec.healthCheckNodePort' && detail === portNumber(0)[0])
  );
}
