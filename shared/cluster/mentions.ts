import { groupOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { type FieldPath, textAt, textOf, valueAt } from '../manifest/value.ts';
import { placesAt } from './fieldPlaces.ts';
import { once } from './once.ts';

/**
 * Where objects name a workload or a Service without traffic being traced by it: names only, beside `references.ts`. A
 * kind is added by a line of `mentioning`.
 */
export interface Mention {
  /** The kind that is meant: a workload's or `Service`. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The field that holds the name. */
  readonly at: FieldPath;
  /** Of a host: what stands before and behind the name in the field. */
  readonly around: readonly [string, string];
  /** What comes of it where nothing has that name, as half a sentence. */
  readonly effect: string;
}

/** A path of fields, `*` for each item of a list; and how a name is written there. */
export interface MentioningField {
  readonly path: string;
  /** `{ kind, name, namespace }`; a name alone; a host, as `name`, `name.namespace`, `name.namespace.svc…`. */
  readonly as: 'reference' | 'name' | 'host';
  /** Where no kind is written. */
  readonly kind: string;
  readonly effect: string;
}

function reference(path: string, kind: string, effect: string): MentioningField {
  return { path, as: 'reference', kind, effect };
}

function service(path: string, effect: string): MentioningField {
  return { path, as: 'name', kind: 'Service', effect };
}

function host(path: string, effect: string): MentioningField {
  return { path, as: 'host', kind: 'Service', effect };
}

const scalesNothing = 'nothing is scaled';
const noWay = 'these requests lead nowhere';
const unreached = 'the API server cannot reach it';

/** By API group and kind. Each field is the newest version's, which the older ones share. */
const mentioning: Readonly<Record<string, readonly MentioningField[]>> = {
  // k8s.io/api autoscaling/v2, apps/v1, admissionregistration/v1; k8s.io/kube-aggregator apiregistration/v1
  'autoscaling/HorizontalPodAutoscaler': [reference('spec.scaleTargetRef', 'Deployment', scalesNothing)],
  'apps/StatefulSet': [service('spec.serviceName', 'its pods have no DNS names of their own')],
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': [
    reference('webhooks.*.clientConfig.service', 'Service', unreached),
  ],
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': [
    reference('webhooks.*.clientConfig.service', 'Service', unreached),
  ],
  'apiregistration.k8s.io/APIService': [reference('spec.service', 'Service', unreached)],
  // kubernetes/autoscaler vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1/types.go
  'autoscaling.k8s.io/VerticalPodAutoscaler': [reference('spec.targetRef', 'Deployment', scalesNothing)],
  // kedacore/keda apis/keda/v1alpha1/scaledobject_types.go; kedacore/http-add-on operator/apis/http/v1alpha1
  'keda.sh/ScaledObject': [reference('spec.scaleTargetRef', 'Deployment', scalesNothing)],
  'http.keda.sh/HTTPScaledObject': [
    reference('spec.scaleTargetRef', 'Deployment', scalesNothing),
    service('spec.scaleTargetRef.service', noWay),
  ],
  // argoproj/argo-rollouts pkg/apis/rollouts/v1alpha1/types.go
  'argoproj.io/Rollout': [
    reference('spec.workloadRef', 'Deployment', 'the rollout has no pods'),
    service('spec.strategy.canary.stableService', 'the rollout stops'),
    service('spec.strategy.canary.canaryService', 'the rollout stops'),
    service('spec.strategy.blueGreen.activeService', 'the rollout stops'),
    service('spec.strategy.blueGreen.previewService', 'the rollout stops'),
  ],
  // fluxcd/flagger pkg/apis/flagger/v1beta1/canary.go
  'flagger.app/Canary': [reference('spec.targetRef', 'Deployment', 'the rollout stops')],
  // istio/api networking/v1/virtual_service.proto, destination_rule.proto
  'networking.istio.io/VirtualService': [
    host('spec.hosts.*', 'none of its routes is used'),
    host('spec.http.*.route.*.destination.host', noWay),
    host('spec.http.*.mirror.host', 'no copy is sent'),
    host('spec.tcp.*.route.*.destination.host', noWay),
    host('spec.tls.*.route.*.destination.host', noWay),
  ],
  'networking.istio.io/DestinationRule': [host('spec.host', 'its subsets and policies are for nobody')],
  // traefik/traefik pkg/provider/kubernetes/crd/traefikio/v1alpha1/ingressroute.go
  'traefik.io/IngressRoute': [reference('spec.routes.*.services.*', 'Service', noWay)],
  'traefik.io/IngressRouteTCP': [reference('spec.routes.*.services.*', 'Service', noWay)],
  'traefik.io/IngressRouteUDP': [reference('spec.routes.*.services.*', 'Service', noWay)],
  // projectcontour/contour apis/projectcontour/v1/httpproxy.go
  'projectcontour.io/HTTPProxy': [
    service('spec.routes.*.services.*.name', noWay),
    service('spec.tcpproxy.services.*.name', noWay),
  ],
  // nginx/kubernetes-ingress pkg/apis/configuration/v1/types.go
  'k8s.nginx.org/VirtualServer': [service('spec.upstreams.*.service', noWay)],
  'k8s.nginx.org/VirtualServerRoute': [service('spec.upstreams.*.service', noWay)],
  'k8s.nginx.org/TransportServer': [service('spec.upstreams.*.service', noWay)],
  // openshift/api route/v1/types.go
  'route.openshift.io/Route': [
    reference('spec.to', 'Service', noWay),
    reference('spec.alternateBackends.*', 'Service', noWay),
  ],
  // emissary-ingress/emissary pkg/api/getambassador.io/v3alpha1/crd_mapping.go
  'getambassador.io/Mapping': [host('spec.service', noWay)],
};

/** The fields of a manifest's kind that name something. */
export function mentioningFieldsOf(manifest: Manifest): readonly MentioningField[] {
  return mentioning[`${groupOf(manifest)}/${manifest.kind}`] ?? [];
}

/** What a manifest names. */
export const mentionsOf = once((manifest: Manifest): readonly Mention[] => {
  return mentioningFieldsOf(manifest).flatMap((field) =>
    placesAt(manifest.value, field.path).flatMap((at) => mentionAt(manifest, field, at)),
  );
});

function mentionAt(manifest: Manifest, { as, kind, effect }: MentioningField, at: FieldPath): Mention[] {
  const own = namespaceOf(manifest);
  const around = ['', ''] as const;
  switch (as) {
    case 'name': {
      const name = textOf(valueAt(manifest.value, ...at)) ?? '';
      return name === '' ? [] : [{ kind, namespace: own, name, at, around, effect }];
    }
    case 'reference': {
      const value = valueAt(manifest.value, ...at);
      const name = textAt(value, 'name') ?? '';
      const namespace = textAt(value, 'namespace') ?? own;
      const written = textAt(value, 'kind') ?? kind;
      return name === '' ? [] : [{ kind: written, namespace, name, at: [...at, 'name'], around, effect }];
    }
    case 'host': {
      const found = readServiceHost(textOf(valueAt(manifest.value, ...at)) ?? '', own);
      return found === null ? [] : [{ kind, at, effect, ...found }];
    }
    default:
      return as satisfies never;
  }
}

/** The Service that a host names: `name`, `name.namespace`, `name.namespace.svc…`; null for what is no such host. */
export function readServiceHost(text: string, own: string): Pick<Mention, 'namespace' | 'name' | 'around'> | null {
  const found = /^((?:https?:\/\/)?)([a-z0-9-]+)(?:\.([a-z0-9-]+)(\.svc(?:\.[a-z0-9.-]+)?))?((?::\d+)?)$/.exec(text);
  if (found === null) return null;
  const [, before = '', name = '', namespace = own, svc = '', port = ''] = found;
  const behind = svc === '' ? port : `.${namespace}${svc}${port}`;
  return { namespace, name, around: [before, behind] };
}
