import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { isService } from '../../cluster/service.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import { type LabelSelector, matchesLabels } from '../../cluster/labelSelector.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldPath, textsAt } from '../../manifest/value.ts';
import { referentAt, writtenReferences } from '../navigation/referencePlaces.ts';
import {
  type Labelled,
  labelsOfTemplate,
  pickedBy,
  selectorOf,
  type WrittenSelector,
} from '../navigation/selectorLinks.ts';
import { counted } from '../counted.ts';
import { about, type AskedPlace, type Candidate } from './candidate.ts';
import { cursorWord } from './cursor.ts';

/**
 * Labels, where a selector asks for them: those that what it could pick has, the rest of the selector given; and the
 * other way, where pods are given labels, those that selectors ask for.
 */
export function labelsAt(place: AskedPlace): Candidate[] {
  const { manifest, path, scene } = place;
  for (const [length] of path.entries()) {
    const at = path.slice(0, length);
    const to = referentAt(manifest, at);
    const written = to?.is === 'labels' ? { manifest, at, to } : null;
    const found = written === null ? null : asked(place, written);
    if (written !== null && found !== null) return labelsOf(place, written, found);
  }
  return wantedLabels(scene.model, place);
}

/** What of a label is typed: its key, or the value of a key; and which labels the selector has besides. */
interface AskedLabel {
  readonly key: string | null;
  readonly others: LabelSelector;
  /** Keys that needn't be offered again. */
  readonly written: ReadonlySet<string>;
}

function asked({ path, part }: AskedPlace, written: WrittenSelector): AskedLabel | null {
  const { at, to } = written;
  const selector = selectorOf(written);
  const [list, index, field] = to.written === 'map' ? ['matchLabels', path[at.length]] : path.slice(at.length);
  const isTyped = (key: string): boolean => key === (part === 'key' ? cursorWord : index);
  if (list === 'matchLabels' && typeof index === 'string') {
    const labels = new Map([...selector.labels].filter(([key]) => !isTyped(key)));
    return {
      key: part === 'key' ? null : index,
      others: { ...selector, labels },
      written: new Set(labels.keys()),
    };
  }
  if (list !== 'matchExpressions' || typeof index !== 'number' || part === 'key') return null;
  const others = { ...selector, expressions: selector.expressions.filter((_, number) => number !== index) };
  const expression = selector.expressions[index];
  if (field === 'key') return { key: null, others, written: new Set() };
  return field === 'values' && expression !== undefined ? { key: expression.key, others, written: new Set() } : null;
}

function labelsOf(place: AskedPlace, selector: WrittenSelector, { key, others, written }: AskedLabel): Candidate[] {
  const isPair = place.part === 'key' && !place.hasColon;
  const found = new Map<string, FoundLabel>();
  for (const each of pickedBy(place.scene.model.declared, selector, others)) {
    if ([...each.labels.values()].includes(cursorWord)) continue;
    for (const [name, value] of each.labels) {
      if (key === null ? written.has(name) || name === cursorWord : name !== key) continue;
      const text = key === null ? name : value;
      const id = isPair ? `${name}\n${value}` : text;
      const known = found.get(id);
      if (known === undefined) found.set(id, { text, value: isPair ? value : null, having: [each] });
      else known.having.push(each);
    }
  }
  const undescribed = selector.to.of === 'Namespace' ? undescribedNamespaces(place, { key, others, written }) : [];
  return [...namesAmong(found, place), ...undescribed];
}

/** Namespaces that the set uses and doesn't describe, by the label with the name that the API server gives each. */
function undescribedNamespaces(
  { scene: { model }, part, hasColon }: AskedPlace,
  { key, others, written }: AskedLabel,
): Candidate[] {
  if (key === null ? written.has(namespaceNameLabel) : key !== namespaceNameLabel) return [];
  if (others.labels.size + others.expressions.length > 0) return [];
  const { declared } = model;
  const names = [...knownNamespaces(declared).keys()].filter((each) => !declared.gatewayApi.namespaceLabels.has(each));
  const isPair = part === 'key' && !hasColon;
  return names.toSorted().map((name): Candidate => ({
    text: key === null ? namespaceNameLabel : name,
    ...(isPair ? { value: name } : {}),
    kind: 'label',
    about: about(`namespace ${name}, of which no Namespace is here`),
  }));
}

function namesAmong(found: ReadonlyMap<string, FoundLabel>, place: AskedPlace): Candidate[] {
  return [...found.values()]
    .map((each) => ({ ...each, isOwn: isOwn(each.having, place.manifest) }))
    .toSorted(
      (a, b) =>
        Number(b.isOwn) - Number(a.isOwn) ||
        usualness(b.text) - usualness(a.text) ||
        (a.text < b.text ? -1 : a.text > b.text ? 1 : (a.value ?? '') < (b.value ?? '') ? -1 : 1),
    )
    .map(({ text, value, having }) => ({
      text,
      ...(value === null ? {} : { value }),
      kind: 'label',
      about: () => ({
        detail: picks(having),
        documentation: having
          .slice(0, 10)
          .map(({ manifest }) => `${manifest.kind} ${manifest.name}`)
          .join('\n'),
      }),
    }));
}

/** A label, or a part of one, and what has it; the value where it is written with the key. */
interface FoundLabel {
  readonly text: string;
  readonly value: string | null;
  readonly having: Labelled[];
}

/** Whether what has the label is of the selector's own name: a Service usually picks the workload called alike. */
function isOwn(having: readonly Labelled[], { name }: Manifest): boolean {
  return having.length === 1 && having.some(({ manifest }) => manifest.name === name);
}

/** By these, most selectors pick. */
function usualness(key: string): number {
  return ['k8s-app', 'app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app'].indexOf(key);
}

/** What a selector with this label would pick. */
function picks(having: readonly Labelled[]): string {
  const [first] = having;
  if (first === undefined) return '';
  if (having.length === 1) return `picks ${first.manifest.kind} ${first.manifest.name}`;
  const kinds = new Set(having.map(({ manifest }) => manifest.kind));
  return `picks ${counted(having.length, kinds.size === 1 ? first.manifest.kind : 'object')}`;
}

/** The labels that would have a workload's pods selected: by its own selector, by Services of its namespace. */
function wantedLabels({ declared }: ClusterModel, { manifest, path, part }: AskedPlace): Candidate[] {
  const template = readPodTemplate(manifest);
  if (template === null || !isBeneath(path, labelsOfTemplate(template))) return [];
  const typed = part === 'key' ? null : String(path.at(-1));
  const labels = new Map([...template.labels].filter(([key]) => key !== (typed ?? cursorWord)));
  const askers = declared
    .ofKind('Service')
    .filter((each) => isService(each) && namespaceOf(each) === namespaceOf(manifest))
    .map((each) => ({ manifest: each, labels: textsAt(each.value, 'spec', 'selector') ?? new Map<string, string>() }));
  const own = writtenReferences(manifest).flatMap(({ at, to }) =>
    to.is === 'labels' && to.within === 'own template'
      ? [{ manifest, labels: selectorOf({ manifest, at, to }).labels }]
      : [],
  );
  return [...own, ...askers].flatMap((asker) => {
    // It must be the only thing that is still missing.
    const others = new Map([...asker.labels].filter(([key]) => (typed === null ? labels.has(key) : key !== typed)));
    const missing = [...asker.labels].filter(([key]) => !others.has(key));
    if (!matchesLabels({ labels: others, expressions: [] }, labels)) return [];
    return missing.map(([key, value]): Candidate => ({
      text: typed === null ? key : value,
      ...(typed === null ? { value } : {}),
      kind: 'label',
      about: about(
        asker.manifest === manifest ? 'its own selector asks for it' : `Service ${asker.manifest.name} asks for it`,
      ),
    }));
  });
}

function isBeneath(path: FieldPath, at: FieldPath): boolean {
  return path.length === at.length + 1 && at.every((step, index) => path[index] === step);
}
