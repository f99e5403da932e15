import { readGateway } from '../cluster/gatewayApi/gateway.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { endpointsOfAllFamilies, podsOfManifest, selectedPods, serviceNamed } from '../cluster/lookups.ts';
import { readPodTemplate } from '../cluster/pod.ts';
import { isService, type Service } from '../cluster/service.ts';
import { type Field, fieldOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import type { Position, Site } from '../manifest/position.ts';
import { type FieldPath, textAt, valueAt } from '../manifest/value.ts';
import { addressOfGateway, gatewayWithStandIn } from '../network/gateway/assumedGateway.ts';
import { counted } from './counted.ts';
import { inSameItems, nameAt, objectsMeant } from './navigation/nameLinks.ts';
import { fieldsNamed, partsOf, textOfPart } from './navigation/parts.ts';
import { type PickedLabels, writtenReferences } from './navigation/referencePlaces.ts';
import { type Labelled, picked, portsToChoose } from './navigation/selectorLinks.ts';

/**
 * What a value comes to, written behind it: the port behind a port's name, how much a selector picks, the address that
 * stands for one that nobody wrote.
 */
export interface Hint {
  /** Behind what it stands. */
  readonly uri: string;
  readonly position: Position;
  readonly text: string;
  /** More of it, in lines. */
  readonly tooltip: string;
  readonly leadsTo: Site | null;
  readonly shownIn: HintLevel;
}

/** `quiet`: what a reader would have to look up elsewhere. `all`: stand-ins and what can be worked out too. */
export type HintLevel = 'quiet' | 'all';

/** The same before its place is known: behind a value, or behind its key where the value has lines of its own. */
export interface HintOfField {
  readonly field: Field;
  readonly text: string;
  readonly tooltip: string;
  readonly leadsTo: Field | null;
  readonly shownIn: HintLevel;
}

/** The hints of an object. */
export function hintsOf(model: ClusterModel, manifest: Manifest): HintOfField[] {
  const service = isService(manifest) ? serviceNamed(model, namespaceOf(manifest), manifest.name) : undefined;
  return [
    ...(service === undefined || service.manifest.key !== manifest.key ? [] : hintsOfService(model, service)),
    ...hintsOfSelectors(model, manifest),
    ...hintsOfChosenPorts(model, manifest),
    ...hintsOfBackends(model, manifest),
    ...hintsOfGateway(model, manifest),
  ];
}

/** A hint where it stands. */
export function hintAt(hint: HintOfField, siteOf: (field: Field) => Site | null): Hint[] {
  const value = siteOf(hint.field);
  const key = siteOf({ ...hint.field, part: 'key' });
  if (value === null || key === null) return [];
  const isBelow = key.uri === value.uri && key.range.end.line < value.range.start.line;
  const { line, character } = isBelow ? key.range.end : value.range.end;
  return [
    {
      uri: value.uri,
      // Behind the colon.
      position: { line, character: isBelow ? character + 1 : character },
      text: hint.text,
      tooltip: hint.tooltip,
      leadsTo: hint.leadsTo === null ? null : siteOf(hint.leadsTo),
      shownIn: hint.shownIn,
    },
  ];
}

function hintsOfService(model: ClusterModel, service: Service): HintOfField[] {
  const { manifest, ports, assigned, clusterIPs, loadBalancerAddresses } = service;
  const hint = (path: FieldPath, text: string, tooltip: string): HintOfField => ({
    field: fieldOf(manifest, ...path),
    text,
    tooltip,
    leadsTo: null,
    shownIn: 'all',
  });
  const atType = valueAt(manifest.value, 'spec', 'type') === undefined ? ['metadata', 'name'] : ['spec', 'type'];
  const standIn = 'A stand-in: nothing here says which one the cluster gives it.';
  return [
    ...(assigned.clusterIP && clusterIPs.length > 0
      ? [hint(atType, `${clusterIPs.join(', ')} (stand-in)`, `Its cluster address. ${standIn}`)]
      : []),
    ...(assigned.loadBalancerAddress
      ? [hint(atType, `${loadBalancerAddresses.join(', ')} (stand-in)`, `Its load balancer's address. ${standIn}`)]
      : []),
    ...ports.flatMap(({ index, nodePort, nodePortAssigned }) =>
      nodePort !== null && nodePortAssigned
        ? [hint(['spec', 'ports', index, 'port'], `nodePort ${nodePort} (stand-in)`, standIn)]
        : [],
    ),
    ...ports.flatMap((port) => {
      const at = ['spec', 'ports', port.index];
      if (valueAt(manifest.value, ...at, 'targetPort') !== undefined) return [];
      return hint([...at, 'port'], `→ ${port.targetPort}`, 'Without a targetPort, the same port of the pods.');
    }),
    ...hintOfEndpoints(model, service),
  ];
}

function hintOfEndpoints(model: ClusterModel, service: Service): HintOfField[] {
  const { manifest, selector, ports, type } = service;
  if (selector === null || type === 'ExternalName') return [];
  const all = ports.flatMap((port) => endpointsOfAllFamilies(model, service, port));
  const byName = new Map(all.map((each) => [each.pod?.name ?? each.address, each]));
  const ready = [...byName.values()].filter((each) => each.ready).length;
  const pods = selectedPods(model, service);
  const count = ready === byName.size ? counted(ready, 'endpoint') : `${ready} of ${byName.size} endpoints ready`;
  return [
    {
      field: fieldOf(manifest, 'spec', 'selector'),
      text: count,
      tooltip: listed([...byName.keys()]) || `It picks ${counted(pods.length, 'pod')}.`,
      leadsTo: pods[0] === undefined ? null : fieldOf(pods[0].manifest, 'metadata', 'name'),
      shownIn: 'quiet',
    },
  ];
}

/** How much the selectors of policies and the like pick; a workload's own picks itself. */
function hintsOfSelectors(model: ClusterModel, manifest: Manifest): HintOfField[] {
  if (isService(manifest) || readPodTemplate(manifest) !== null) return [];
  return writtenReferences(manifest).flatMap(({ at, to }): HintOfField[] => {
    if (to.is !== 'labels') return [];
    const found = picked(model.declared, { manifest, at, to });
    return [
      {
        field: fieldOf(manifest, ...at),
        text: countedPicks(model, found, to.of),
        tooltip: listed(found.map((each) => `${each.manifest.kind} ${each.manifest.name}`)),
        leadsTo: found[0] === undefined ? null : fieldOf(found[0].manifest, 'metadata', 'name'),
        shownIn: 'quiet',
      },
    ];
  });
}

function countedPicks(model: ClusterModel, found: readonly Labelled[], of: PickedLabels['of']): string {
  switch (of) {
    case 'pods':
      return counted(found.flatMap((each) => podsOfManifest(model, each.manifest)).length, 'pod');
    case 'Service':
      return counted(found.length, 'Service');
    case 'Namespace':
      return counted(found.length, 'namespace');
    default:
      return of satisfies never;
  }
}

/** The numbers of ports that are chosen by name: a targetPort, a probe's port, a policy's. */
function hintsOfChosenPorts(model: ClusterModel, manifest: Manifest): HintOfField[] {
  return writtenReferences(manifest).flatMap(({ at, to }): HintOfField[] => {
    const text = textAt(manifest.value, ...at);
    if (to.is !== 'port' || text === undefined || /^\d+$/.test(text)) return [];
    const named = portsToChoose(model.declared, { manifest, at, to }).filter(
      (each) => textOfPart(each, 'name') === text,
    );
    const numbers = named.flatMap(({ texts }) => texts.filter(({ is }) => is === 'number'));
    const [first] = numbers;
    if (first === undefined) return [];
    return [
      {
        field: fieldOf(manifest, ...at),
        text: `→ ${[...new Set(numbers.map((each) => each.text))].join(', ')}`,
        tooltip: listed(named.map((each) => `${each.manifest.kind} ${each.manifest.name}`)),
        leadsTo: first.field,
        shownIn: 'quiet',
      },
    ];
  });
}

/** Where a port leads that is asked for of another's Service: the ports of its endpoints. */
function hintsOfBackends(model: ClusterModel, manifest: Manifest): HintOfField[] {
  return writtenReferences(manifest).flatMap(({ at, to }): HintOfField[] => {
    const text = textAt(manifest.value, ...at);
    if (to.is !== 'part' || text === undefined) return [];
    const meant = nameAt(manifest, to.of, inSameItems(to.nameAt, at))?.meant;
    const [named] = meant?.kind === 'Service' ? objectsMeant(model, meant) : [];
    const service = named === undefined ? undefined : serviceNamed(model, namespaceOf(named), named.name);
    const [field] = named === undefined ? [] : fieldsNamed(partsOf(named), text);
    const port = service?.ports.find(({ index }) => index === field?.path[2]);
    if (service === undefined || field === undefined || port === undefined) return [];
    const numbers = [...new Set(endpointsOfAllFamilies(model, service, port).map((each) => String(each.port)))];
    if (numbers.length === 0 || (numbers.length === 1 && numbers[0] === text)) return [];
    return [
      {
        field: fieldOf(manifest, ...at),
        text: `→ ${numbers.join(', ')}`,
        tooltip: `Port ${port.port} of Service ${service.name} leads to port ${numbers.join(', ')} of its endpoints.`,
        leadsTo: field,
        shownIn: /^\d+$/.test(text) ? 'all' : 'quiet',
      },
    ];
  });
}

function hintsOfGateway({ declared }: ClusterModel, manifest: Manifest): HintOfField[] {
  if (manifest.kind !== 'Gateway' || textAt(manifest.value, 'spec', 'gatewayClassName') === undefined) return [];
  const address = addressOfGateway(declared, readGateway(manifest));
  const isStandIn = gatewayWithStandIn(declared, address) !== null;
  return [
    {
      field: fieldOf(manifest, 'spec', 'gatewayClassName'),
      text: isStandIn ? `${address} (stand-in)` : address,
      tooltip: isStandIn ? 'Its address. A stand-in: nothing here says which one it gets.' : 'Its address.',
      leadsTo: null,
      shownIn: 'all',
    },
  ];
}

/** As many names as a tooltip lists. */
const mostListed = 10;

function listed(names: readonly string[]): string {
  const more = names.length > mostListed ? [`and ${names.length - mostListed} more`] : [];
  return [...names.slice(0, mostListed), ...more].join('\n');
}
