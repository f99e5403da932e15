import { readPodTemplate } from '../../cluster/pod.ts';
import { type Field, fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { type FieldPath, itemsAt, keysAt, textAt, type Value } from '../../manifest/value.ts';

/** A port, a listener, a key of a ConfigMap: what is named of an object besides the object itself. */
export interface NamedPart {
  readonly manifest: Manifest;
  /** By which of them it can be named. */
  readonly texts: readonly PartText[];
}

export interface PartText {
  readonly text: string;
  readonly is: 'name' | 'number' | 'key';
  readonly field: Field;
}

/** Ports of a Service, listeners of a Gateway; keys of a ConfigMap or a Secret. */
export function partsOf(manifest: Manifest): NamedPart[] {
  if (manifest.kind === 'ConfigMap' || manifest.kind === 'Secret')
    return ['data', 'stringData', 'binaryData'].flatMap((list) =>
      keysAt(manifest.value, list).map((text): NamedPart => ({
        manifest,
        texts: [{ text, is: 'key', field: fieldOf(manifest, list, text) }],
      })),
    );
  const list = manifest.kind === 'Service' ? 'ports' : 'listeners';
  return itemsAt(manifest.value, 'spec', list).map((each, index) =>
    portPart(manifest, each, { at: ['spec', list, index], numberField: 'port' }),
  );
}

export interface WrittenContainer {
  readonly container: Value | undefined;
  readonly at: FieldPath;
}

/** The ports of a workload's pods. */
export function containerPortsOf(manifest: Manifest): NamedPart[] {
  const template = readPodTemplate(manifest);
  if (template === null) return [];
  const { spec, specPath } = template;
  return ['containers', 'initContainers'].flatMap((list) =>
    itemsAt(spec, list).flatMap((container, index) =>
      portsOfContainer(manifest, { container, at: [...specPath, list, index] }),
    ),
  );
}

export function portsOfContainer(manifest: Manifest, { container, at }: WrittenContainer): NamedPart[] {
  return itemsAt(container, 'ports').map((each, index) =>
    portPart(manifest, each, { at: [...at, 'ports', index], numberField: 'containerPort' }),
  );
}

interface PortPlace {
  readonly at: FieldPath;
  readonly numberField: 'port' | 'containerPort';
}

function portPart(manifest: Manifest, port: Value, { at, numberField }: PortPlace): NamedPart {
  const texts = (['name', numberField] as const).flatMap((field): PartText[] => {
    const text = textAt(port, field);
    if (text === undefined || text === '') return [];
    return [{ text, is: field === 'name' ? 'name' : 'number', field: fieldOf(manifest, ...at, field) }];
  });
  return { manifest, texts };
}

/** Where one of the parts is called so. */
export function fieldsNamed(parts: readonly NamedPart[], text: string): Field[] {
  return parts.flatMap(({ texts }) => texts.flatMap((each) => (each.text === text ? [each.field] : [])));
}

/** A text of a part: of one kind, where it has it. */
export function textOfPart({ texts }: NamedPart, is: PartText['is']): string | null {
  return texts.find((each) => each.is === is)?.text ?? null;
}
