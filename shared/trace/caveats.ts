import type { Assumption } from '../cluster/because.ts';
import { eachOfDeclared } from '../cluster/declared.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { placeholdersIn } from '../manifest/placeholder.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { endpointsOfAllFamilies, endpointsOfPort, serviceNamed } from '../cluster/lookups.ts';
import { missingFamilies } from '../cluster/clusterRanges.ts';
import { openGates } from '../cluster/pod.ts';
import { readService, type Service } from '../cluster/service.ts';
import { waitingFor } from '../cluster/waiting.ts';
import { pathText } from '../manifest/validation/fieldError.ts';
import { validateService } from '../manifest/validation/service.ts';
import { mostFollowed } from '../network/spread.ts';
import { endsOf } from './ends.ts';
import { rewritesOf } from './flight.ts';
import type { TraceGraph } from './graph.ts';
import type { Target } from './trace.ts';

/**
 * What has to be said beside a trace's paths: a Service that the API server would refuse, affinity, topology hints, and
 * very many endpoints.
 */
export function caveatsOf(model: ClusterModel, target: Target, graph: TraceGraph): Assumption[] {
  const services = servicesMet(model, target, graph);
  return [
    ...services.flatMap((service) => [
      ...refusal(model, service),
      ...otherProxy(service),
      ...waiting(model, service),
      ...gates(model, service),
      ...affinity(model, service),
      ...topology(model, service),
    ]),
    ...crowd(model, services, graph),
    ...placeholderCaveat(model),
  ];
}

const placeholders = eachOfDeclared(
  ({ manifests }) => manifests,
  (manifest: Manifest) =>
    placeholdersIn(manifest)
      .filter(({ path }) => !path.includes('gatewayClassName'))
      .map(({ text }) => `${text} in ${manifest.kind} ${manifest.name}`),
);

/** What something fills in later: the trace takes it as it is written. */
function placeholderCaveat({ declared }: ClusterModel): Assumption[] {
  const all = [...new Set(placeholders(declared))];
  const [first] = all;
  if (first === undefined) return [];
  const more = all.length === 1 ? 'is a placeholder' : `and ${all.length - 1} more are placeholders`;
  return [{ id: 'placeholders', text: `${first} ${more}: what depends on that isn't known` }];
}

function servicesMet(model: ClusterModel, target: Target, graph: TraceGraph): Service[] {
  const names = new Map<string, readonly [namespace: string, name: string]>();
  for (const { verdict } of endsOf(graph)) {
    if (verdict.kind === 'delivered' && verdict.service !== null)
      names.set(`${verdict.namespace}/${verdict.service}`, [verdict.namespace ?? 'default', verdict.service]);
  }
  if (target.kind === 'service') names.set(`${target.namespace}/${target.name}`, [target.namespace, target.name]);
  return [...names.values()].flatMap(([namespace, name]) => serviceNamed(model, namespace, name) ?? []);
}

/** The trace then says what would happen if the server took it anyway. */
function refusal(model: ClusterModel, service: Service): Assumption[] {
  const { profile } = model;
  const { manifest, name, namespace, ports } = service;
  const { from, to } = profile.nodePortRange;
  const [error] = validateService(manifest.value, profile.kubernetesMinor).filter(
    ({ kind }) => kind !== 'UnknownField',
  );
  const outside = ports.find(
    ({ nodePort, nodePortAssigned }) =>
      nodePort !== null && nodePort !== 0 && !nodePortAssigned && (nodePort < from || nodePort > to),
  );
  const fault =
    error !== undefined
      ? `${pathText(error.path)} ${error.detail}`
      : outside === undefined
        ? familyFault(service, model)
        : `nodePort ${outside.nodePort} is outside ${from}-${to}`;
  return fault === null
    ? []
    : [
        {
          id: `refused:${namespace}/${name}`,
          text: `the API server refuses Service ${name} (${fault}); this is what would happen if it took it`,
        },
      ];
}

/** A family that the cluster hasn't: what the API server says, by the field that asks for it; null where it has all. */
function familyFault({ manifest, ipFamilyPolicy }: Service, { declared }: ClusterModel): string | null {
  const [missing] = missingFamilies(readService(manifest), declared.ranges);
  if (missing === undefined) return null;
  return ipFamilyPolicy === 'RequireDualStack'
    ? 'spec.ipFamilyPolicy this cluster is not configured for dual-stack services'
    : `spec.ipFamilies ${missing} is not configured on this cluster`;
}

function otherProxy({ name, namespace, proxyName }: Service): Assumption[] {
  if (proxyName === null) return [];
  const whom = `${proxyName === '' ? 'another proxy' : proxyName} (label service.kubernetes.io/service-proxy-name)`;
  return [
    {
      id: `service-proxy:${namespace}/${name}`,
      text: `kube-proxy leaves Service ${name} to ${whom}, which is taken not to be there`,
    },
  ];
}

/** Workloads that the Service selects and that lack pods now: some, where others are ready, or all that it has. */
function waiting(model: ClusterModel, service: Service): Assumption[] {
  const isServed = service.ports.some((port) =>
    endpointsOfAllFamilies(model, service, port).some(({ ready }) => ready),
  );
  const start = isServed ? '' : `no endpoint of Service ${service.name}: `;
  return waitingFor(model, service).map(({ owner: { kind, name }, waits, text }) => ({
    id: `waiting:${waits}:${kind}:${service.namespace}/${name}`,
    text: `${start}${text}`,
  }));
}

/** Readiness gates that nothing in the set meets: the trace takes them to be met. */
function gates(model: ClusterModel, service: Service): Assumption[] {
  const whose = `Service ${service.name}'s pods`;
  const found = new Map<string, Assumption>();
  for (const { pod } of [...model.endpointsOf(service).byFamily.values()].flat(2)) {
    for (const gate of pod === null ? [] : openGates(pod)) {
      const id = `readiness-gate:${service.namespace}/${service.name}:${gate}`;
      found.set(id, {
        id,
        text: `the readiness gate ${gate} of ${whose} is taken to be met: nothing in these files sets it`,
      });
    }
  }
  return [...found.values()];
}

function affinity(model: ClusterModel, service: Service): Assumption[] {
  const { clientIPAffinitySeconds: seconds, name, namespace } = service;
  if (seconds === null) return [];
  const isChoice = service.ipFamilies.some((family) =>
    service.ports.some((port) => endpointsOfPort(model, service, port, family).filter(({ ready }) => ready).length > 1),
  );
  return !isChoice
    ? []
    : [
        {
          id: `affinity:${namespace}/${name}`,
          text:
            `the shares are those of a client's first connection to Service ${name}: ` +
            `for ${seconds} seconds after its last one, a node sends the same address to the same pod`,
        },
      ];
}

function topology(model: ClusterModel, service: Service): Assumption[] {
  const { topology: asked } = model.endpointsOf(service);
  if (asked === undefined) return [];
  const { name, namespace } = service;
  const said = [...asked.byFamily].flatMap(([family, hints]): Assumption[] => {
    const id = `topology-hints:${namespace}/${name}:${family}`;
    if (hints.kind === 'none')
      return [
        {
          id,
          text:
            `topology-mode of Service ${name} gives its ${family} endpoints no hints: ${hints.text}. ` +
            'Every node uses every endpoint',
        },
      ];
    return hints.moved === 0
      ? []
      : [
          {
            id,
            text:
              `topology-mode of Service ${name} hints ${hints.moved} of its ${family} endpoints to another zone than ` +
              'their own: which of those that are alike is up to the controller: the first is taken',
          },
        ];
  });
  const usesCpu = [...asked.byFamily.values()].some(
    (hints) => hints.kind === 'given' || hints.reason !== 'node-information-missing',
  );
  return asked.assumesEqualNodes && usesCpu
    ? [
        {
          id: 'node-cpu',
          text:
            `not every node says what CPU it has, by which topology-mode of Service ${name} shares out endpoints: ` +
            'all are taken to have as much',
        },
        ...said,
      ]
    : said;
}

function crowd(model: ClusterModel, services: readonly Service[], graph: TraceGraph): Assumption[] {
  // A proxy takes the endpoints of both families together.
  const isProxied = graph.moves.some(({ move }) => rewritesOf(move).some(({ kind }) => kind === 'proxy'));
  const most = services
    .flatMap((service) =>
      service.ports.flatMap((port) =>
        isProxied
          ? endpointsOfAllFamilies(model, service, port).length
          : service.ipFamilies.map((family) => endpointsOfPort(model, service, port, family).length),
      ),
    )
    .reduce((a, b) => Math.max(a, b), model.nodes.length);
  return most <= mostFollowed
    ? []
    : [
        {
          id: 'crowd',
          text:
            `of ${most} that are alike, ${mostFollowed - 1} are followed one by one ` +
            'and the last path stands for the rest',
        },
      ];
}
