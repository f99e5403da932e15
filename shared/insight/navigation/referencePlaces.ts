import { once } from '../../cluster/once.ts';
import { type MentioningField, mentioningFieldsOf } from '../../cluster/mentions.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { gatewayGroup } from '../../cluster/gatewayApi/reference.ts';
import { routeKinds } from '../../cluster/gatewayApi/route.ts';
import { groupOf, type Manifest } from '../../manifest/manifest.ts';
import { type FieldPath, isList, isMap, type Value } from '../../manifest/value.ts';

/**
 * Where manifests refer to one another, as data: the one table that jumping, renaming and completion read. A place is
 * added by a line. What other products' kinds name of Services and workloads stands in `cluster/mentions.ts`.
 *
 * Sources: k8s.io/api (core/v1, apps/v1, networking/v1, policy/v1, discovery/v1: types.go),
 * kubernetes-sigs/gateway-api apis/v1 (v1.6.1), network-policy-api apis/v1alpha2 and apis/v1alpha1,
 * prometheus-operator pkg/apis/monitoring/v1, istio/api networking/v1 and security/v1,
 * cilium pkg/k8s/apis/cilium.io/v2, cert-manager pkg/apis/certmanager/v1.
 */
export interface ReferencePlace {
  /** From the manifest's top, `*` for each item of a list. */
  readonly path: readonly string[];
  readonly to: Referent;
}

/** What a place refers to. */
export type Referent = NamedObject | NamedPart | PickedLabels | PickedPort | WrittenHost;

/** An object, by its name. */
export interface NamedObject {
  readonly is: 'object';
  readonly kind: string;
  /** Null where the kind says enough. */
  readonly group: string | null;
  /** A name alone; one beside which `kind`, `group` and `namespace` may stand; a host that begins with the name. */
  readonly says: 'name' | 'reference' | 'host';
}

/** A Service's port, a Gateway's listener, a key of a ConfigMap, of the object that is named beside it. */
export interface NamedPart {
  readonly is: 'part';
  readonly of: NamedObject;
  /** The place of that object's name. */
  readonly nameAt: readonly string[];
}

/** Labels of what a selector picks: of the map's entries themselves, or of `matchLabels` and `matchExpressions`. */
export interface PickedLabels {
  readonly is: 'labels';
  readonly of: 'pods' | 'Namespace' | 'Service';
  readonly written: 'map' | 'selector';
  readonly within: Within;
}

/** A port of a container, or of the Services that a monitor picks, by its name or number. */
export interface PickedPort {
  readonly is: 'port';
  readonly of: 'own container' | 'picked pods' | 'subject' | 'peers' | 'picked Services';
}

/** Where what is picked is looked for: in which namespaces, or the pods of the object's own template alone. */
export type Within = 'own template' | 'own namespace' | 'peer' | 'matched namespaces' | 'everywhere';

/** The name of a site: who serves it and who names it are found by it. */
export interface WrittenHost {
  readonly is: 'host';
  /** Whether requests for it are taken here: by a rule, a listener, a route. */
  readonly isServed: boolean;
}

function steps(path: string): string[] {
  return path === '' ? [] : path.split('.');
}

interface ObjectOptions {
  readonly group?: string;
  readonly says?: NamedObject['says'];
  /** Fields beside the name that name a part of the object. */
  readonly parts?: readonly string[];
}

/** An object's name, with what may be said of it beside the name. */
function object(path: string | readonly string[], kind: string, options: ObjectOptions = {}): ReferencePlace[] {
  const { group, says = 'name', parts = [] } = options;
  const nameAt = typeof path === 'string' ? steps(path) : path;
  const above = nameAt.slice(0, -1);
  const of: NamedObject = { is: 'object', kind, group: group ?? null, says };
  return [
    { path: nameAt, to: of },
    ...parts.map((part): ReferencePlace => ({
      path: [...above, ...steps(part)],
      to: { is: 'part', of, nameAt },
    })),
    ...(says === 'reference' ? [{ path: [...above, 'namespace'], to: namespaceName }] : []),
  ];
}

const namespaceName: NamedObject = { is: 'object', kind: 'Namespace', group: '', says: 'name' };

function labels(path: string, of: PickedLabels['of'], within: Within): ReferencePlace {
  return { path: steps(path), to: { is: 'labels', of, written: 'selector', within } };
}

function labelMap(path: string, of: PickedLabels['of'], within: Within): ReferencePlace {
  return { path: steps(path), to: { is: 'labels', of, written: 'map', within } };
}

function port(path: string, of: PickedPort['of']): ReferencePlace {
  return { path: steps(path), to: { is: 'port', of } };
}

function host(path: string, role: 'serves' | 'names'): ReferencePlace {
  return { path: steps(path), to: { is: 'host', isServed: role === 'serves' } };
}

/** A reference as the Gateway API writes it: kind, group and namespace may stand beside the name. */
function reference(path: string, kind: string, group: string, parts: readonly string[] = []): ReferencePlace[] {
  return object(`${path}.name`, kind, { group, says: 'reference', parts });
}

const ownTemplate = [labels('spec.selector', 'pods', 'own template')];

const ingressBackends = ['spec.defaultBackend', 'spec.rules.*.http.paths.*.backend'];

const ingress: readonly ReferencePlace[] = [
  ...object('spec.ingressClassName', 'IngressClass'),
  ...object(['metadata', 'annotations', 'kubernetes.io/ingress.class'], 'IngressClass'),
  ...ingressBackends.flatMap((at) => [
    ...object(`${at}.service.name`, 'Service', { group: '', parts: ['port.number', 'port.name'] }),
    ...object(`${at}.resource.name`, '', { says: 'reference' }),
  ]),
  ...object('spec.tls.*.secretName', 'Secret', { group: '' }),
  host('spec.rules.*.host', 'serves'),
  host('spec.tls.*.hosts.*', 'names'),
];

/** Of the versions that are gone since Kubernetes 1.22. */
const betaIngress: readonly ReferencePlace[] = [
  ...ingress,
  ...['spec.backend', 'spec.rules.*.http.paths.*.backend'].flatMap((at) =>
    object(`${at}.serviceName`, 'Service', { group: '', parts: ['servicePort'] }),
  ),
];

const mirrors = ['spec.rules.*.filters.*', 'spec.rules.*.backendRefs.*.filters.*'];

const route: readonly ReferencePlace[] = [
  ...reference('spec.parentRefs.*', 'Gateway', gatewayGroup, ['sectionName', 'port']),
  ...reference('spec.rules.*.backendRefs.*', 'Service', '', ['port']),
  ...mirrors.flatMap((at) => [
    ...reference(`${at}.requestMirror.backendRef`, 'Service', '', ['port']),
    ...object(`${at}.extensionRef.name`, '', { says: 'reference' }),
  ]),
  host('spec.hostnames.*', 'serves'),
];

const listeners: readonly ReferencePlace[] = [
  ...reference('spec.listeners.*.tls.certificateRefs.*', 'Secret', ''),
  ...reference('spec.listeners.*.tls.frontendValidation.caCertificateRefs.*', 'ConfigMap', ''),
  labels('spec.listeners.*.allowedRoutes.namespaces.selector', 'Namespace', 'everywhere'),
  host('spec.listeners.*.hostname', 'serves'),
];

const listenerSet: readonly ReferencePlace[] = [...reference('spec.parentRef', 'Gateway', gatewayGroup), ...listeners];

const peers = ['spec.ingress.*.from.*', 'spec.egress.*.to.*'];

/** Of the policies for a whole cluster, v1alpha1 and v1alpha2. */
const clusterPolicy: readonly ReferencePlace[] = [
  ...['spec.subject', ...peers].flatMap((at) => [
    labels(`${at}.namespaces`, 'Namespace', 'everywhere'),
    labels(`${at}.pods.namespaceSelector`, 'Namespace', 'everywhere'),
    labels(`${at}.pods.podSelector`, 'pods', 'peer'),
  ]),
  ...[
    'ports.*.namedPort',
    'ports.*.portNumber.port',
    'protocols.*.destinationNamedPort',
    ...['tcp', 'udp', 'sctp'].map((protocol) => `protocols.*.${protocol}.destinationPort.number`),
  ].flatMap((at) => [port(`spec.ingress.*.${at}`, 'subject'), port(`spec.egress.*.${at}`, 'peers')]),
];

/** By API group and kind. */
const places: Readonly<Record<string, readonly ReferencePlace[]>> = {
  'networking.k8s.io/Ingress': betaIngress,
  'extensions/Ingress': betaIngress,
  'networking.k8s.io/IngressClass': object('spec.parameters.name', '', { says: 'reference' }),
  'networking.k8s.io/NetworkPolicy': [
    labels('spec.podSelector', 'pods', 'own namespace'),
    ...peers.flatMap((at) => [
      labels(`${at}.podSelector`, 'pods', 'peer'),
      labels(`${at}.namespaceSelector`, 'Namespace', 'everywhere'),
    ]),
    port('spec.ingress.*.ports.*.port', 'picked pods'),
    port('spec.egress.*.ports.*.port', 'peers'),
  ],
  'policy.networking.k8s.io/ClusterNetworkPolicy': clusterPolicy,
  'policy.networking.k8s.io/AdminNetworkPolicy': clusterPolicy,
  'policy.networking.k8s.io/BaselineAdminNetworkPolicy': clusterPolicy,
  '/Service': [
    labelMap('spec.selector', 'pods', 'own namespace'),
    port('spec.ports.*.targetPort', 'picked pods'),
    ...object('spec.externalName', 'Service', { group: '', says: 'host' }),
    {
      path: ['metadata', 'annotations', 'external-dns.alpha.kubernetes.io/hostname'],
      to: { is: 'host', isServed: false },
    },
  ],
  '/Endpoints': object('metadata.name', 'Service', { group: '' }),
  'discovery.k8s.io/EndpointSlice': object(['metadata', 'labels', 'kubernetes.io/service-name'], 'Service', {
    group: '',
  }),
  '/ReplicationController': [labelMap('spec.selector', 'pods', 'own template')],
  'apps/Deployment': ownTemplate,
  'apps/StatefulSet': ownTemplate,
  'apps/DaemonSet': ownTemplate,
  'apps/ReplicaSet': ownTemplate,
  'batch/Job': ownTemplate,
  'argoproj.io/Rollout': ownTemplate,
  'policy/PodDisruptionBudget': [labels('spec.selector', 'pods', 'own namespace')],
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': [
    labels('webhooks.*.namespaceSelector', 'Namespace', 'everywhere'),
  ],
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': [
    labels('webhooks.*.namespaceSelector', 'Namespace', 'everywhere'),
  ],
  ...Object.fromEntries(routeKinds.map((kind) => [`${gatewayGroup}/${kind}`, route])),
  [`${gatewayGroup}/Gateway`]: [
    ...object('spec.gatewayClassName', 'GatewayClass'),
    ...object('spec.infrastructure.parametersRef.name', '', { says: 'reference' }),
    labels('spec.allowedListeners.namespaces.selector', 'Namespace', 'everywhere'),
    ...listeners,
  ],
  [`${gatewayGroup}/GatewayClass`]: object('spec.parametersRef.name', '', { says: 'reference' }),
  [`${gatewayGroup}/ListenerSet`]: listenerSet,
  'gateway.networking.x-k8s.io/XListenerSet': listenerSet,
  [`${gatewayGroup}/BackendTLSPolicy`]: [
    ...object('spec.targetRefs.*.name', 'Service', { group: '', says: 'reference', parts: ['sectionName'] }),
    ...reference('spec.validation.caCertificateRefs.*', 'ConfigMap', ''),
  ],
  [`${gatewayGroup}/ReferenceGrant`]: [
    { path: steps('spec.from.*.namespace'), to: namespaceName },
    ...object('spec.to.*.name', '', { says: 'reference' }),
  ],
  'monitoring.coreos.com/ServiceMonitor': [
    labels('spec.selector', 'Service', 'matched namespaces'),
    port('spec.endpoints.*.port', 'picked Services'),
    { path: steps('spec.namespaceSelector.matchNames.*'), to: namespaceName },
  ],
  'monitoring.coreos.com/PodMonitor': [
    labels('spec.selector', 'pods', 'matched namespaces'),
    port('spec.podMetricsEndpoints.*.port', 'picked pods'),
    { path: steps('spec.namespaceSelector.matchNames.*'), to: namespaceName },
  ],
  'networking.istio.io/Gateway': [
    labelMap('spec.selector', 'pods', 'everywhere'),
    ...object('spec.servers.*.tls.credentialName', 'Secret', { group: '' }),
    host('spec.servers.*.hosts.*', 'serves'),
  ],
  'networking.istio.io/VirtualService': [host('spec.hosts.*', 'serves')],
  'networking.istio.io/Sidecar': [labelMap('spec.workloadSelector.labels', 'pods', 'own namespace')],
  'security.istio.io/AuthorizationPolicy': [labels('spec.selector', 'pods', 'own namespace')],
  'security.istio.io/PeerAuthentication': [labels('spec.selector', 'pods', 'own namespace')],
  'cilium.io/CiliumNetworkPolicy': [labels('spec.endpointSelector', 'pods', 'own namespace')],
  'cert-manager.io/Certificate': [
    ...object('spec.secretName', 'Secret', { group: '' }),
    host('spec.dnsNames.*', 'names'),
  ],
  'projectcontour.io/HTTPProxy': [
    host('spec.virtualhost.fqdn', 'serves'),
    ...object('spec.virtualhost.tls.secretName', 'Secret', { group: '' }),
  ],
  'k8s.nginx.org/VirtualServer': [host('spec.host', 'serves'), ...object('spec.tls.secret', 'Secret', { group: '' })],
  'route.openshift.io/Route': [host('spec.host', 'serves')],
};

const containers = ['containers', 'initContainers'];

const affinities = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => [
  `affinity.${kind}.requiredDuringSchedulingIgnoredDuringExecution.*.labelSelector`,
  `affinity.${kind}.preferredDuringSchedulingIgnoredDuringExecution.*.podAffinityTerm.labelSelector`,
]);

const actions = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'].flatMap(
  (at) => [`${at}.httpGet.port`, `${at}.tcpSocket.port`],
);

/** Of a pod's spec. */
const ofPods: readonly ReferencePlace[] = [
  ...object('serviceAccountName', 'ServiceAccount'),
  ...object('subdomain', 'Service', { group: '' }),
  ...object('imagePullSecrets.*.name', 'Secret'),
  ...object('volumes.*.configMap.name', 'ConfigMap'),
  ...object('volumes.*.secret.secretName', 'Secret'),
  ...object('volumes.*.projected.sources.*.configMap.name', 'ConfigMap'),
  ...object('volumes.*.projected.sources.*.secret.name', 'Secret'),
  ...containers.flatMap((list) => [
    ...object(`${list}.*.envFrom.*.configMapRef.name`, 'ConfigMap'),
    ...object(`${list}.*.envFrom.*.secretRef.name`, 'Secret'),
    ...object(`${list}.*.env.*.valueFrom.configMapKeyRef.name`, 'ConfigMap', { parts: ['key'] }),
    ...object(`${list}.*.env.*.valueFrom.secretKeyRef.name`, 'Secret', { parts: ['key'] }),
    ...actions.map((at) => port(`${list}.*.${at}`, 'own container')),
  ]),
  ...['topologySpreadConstraints.*.labelSelector', ...affinities].map((at) => labels(at, 'pods', 'own namespace')),
];

/** All places of a manifest's kind at which something is referred to, whether or not anything is said there. */
export function referencePlacesOf(manifest: Manifest): readonly ReferencePlace[] {
  const specPath = readPodTemplate(manifest)?.specPath ?? null;
  return [
    ...(manifest.kind === 'Namespace' ? [] : [{ path: ['metadata', 'namespace'], to: namespaceName }]),
    ...(places[`${groupOf(manifest)}/${manifest.kind}`] ?? []),
    ...(specPath === null ? [] : ofPods.map((each) => beneath(specPath, each))),
    ...mentioningFieldsOf(manifest).flatMap(placesMentioned),
  ];
}

function beneath(above: readonly string[], { path, to }: ReferencePlace): ReferencePlace {
  return {
    path: [...above, ...path],
    to: to.is === 'part' ? { ...to, nameAt: [...above, ...to.nameAt] } : to,
  };
}

function placesMentioned({ path, as, kind }: MentioningField): ReferencePlace[] {
  switch (as) {
    case 'reference':
      return object(`${path}.name`, kind, { says: 'reference', parts: ['port'] });
    case 'name':
      return object(path, kind, { parts: ['port'] });
    case 'host':
      return object(path, kind, { says: 'host', parts: ['port.number'] });
    default:
      return as satisfies never;
  }
}

/** What a field refers to, whether or not it says anything yet; null for one that refers to nothing. */
export function referentAt(manifest: Manifest, path: FieldPath): Referent | null {
  let here: PlacesBeneath | undefined = treeOf(manifest);
  for (const step of path) here = here?.beneath.get(typeof step === 'number' ? '*' : step);
  return here?.to[0] ?? null;
}

/** A place at which a manifest says something, and what that refers to. */
export interface WrittenReference {
  readonly at: FieldPath;
  readonly to: Referent;
}

/** The places of the table that a manifest has. */
export const writtenReferences = once((manifest: Manifest): readonly WrittenReference[] => {
  const found: WrittenReference[] = [];
  const walk = (value: Value, { to, beneath: further }: PlacesBeneath, at: FieldPath): void => {
    for (const each of to) found.push({ at, to: each });
    if (further.size === 0) return;
    if (isList(value)) {
      const ofItems = further.get('*');
      if (ofItems !== undefined) for (const [index, item] of value.entries()) walk(item, ofItems, [...at, index]);
      return;
    }
    if (!isMap(value)) return;
    for (const [step, next] of further) {
      const inside = Object.hasOwn(value, step) ? value[step] : undefined;
      if (inside !== undefined) walk(inside, next, [...at, step]);
    }
  };
  walk(manifest.value, treeOf(manifest), []);
  return found;
});

/** The table of one kind, step by step, so that a manifest is walked once. */
interface PlacesBeneath {
  readonly to: Referent[];
  readonly beneath: Map<string, PlacesBeneath>;
}

/**
 * By kind, and whether the object makes pods: a Rollout may leave its template to a Deployment. Kinds that the table
 * hasn't have the same.
 */
const trees = new Map<string, PlacesBeneath>();

function treeOf(manifest: Manifest): PlacesBeneath {
  const kind = `${groupOf(manifest)}/${manifest.kind}`;
  const hasPods = readPodTemplate(manifest) !== null;
  const isKnown = hasPods || Object.hasOwn(places, kind) || mentioningFieldsOf(manifest).length > 0;
  const known = isKnown ? kind : manifest.kind === 'Namespace' ? 'Namespace' : '';
  const name = hasPods ? `${known} with pods` : known;
  const before = trees.get(name);
  if (before !== undefined) return before;
  const tree: PlacesBeneath = { to: [], beneath: new Map() };
  for (const { path, to } of referencePlacesOf(manifest)) {
    let here = tree;
    for (const step of path) {
      const next = here.beneath.get(step) ?? { to: [], beneath: new Map() };
      here.beneath.set(step, next);
      here = next;
    }
    here.to.push(to);
  }
  trees.set(name, tree);
  return tree;
}
