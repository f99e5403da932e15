import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFile } from '../../shared/manifest/parseFile.ts';
import type { SchemaData, SchemaNode } from '../../shared/manifest/validation/customResource.ts';
import {
  type FieldPath,
  inKeyOrder,
  isList,
  isMap,
  itemsAt,
  keysAt,
  type MapValue,
  textAt,
  type Value,
  valueAt,
} from '../../shared/manifest/value.ts';
import { built } from './judgeProgram.ts';

/**
 * `npm run oracle -- write-crds`: the CRDs of the Gateway API and of the network policy API, from their Go modules, as
 * JSON in `shared/manifest/validation/`: without descriptions, schemas that are alike once, rules of transitions left
 * out. Of the newest release, the channel `experimental` has every kind and field; `standard` says which of them are in
 * use without it. The older releases tell which rules are new, and have the kinds that are gone since.
 */
export const crdModules = [
  {
    module: 'sigs.k8s.io/gateway-api',
    file: 'gatewayCrds.json',
    releases: [
      { version: 'v1.7.0', channel: 'experimental' },
      { version: 'v1.7.0', channel: 'standard' },
      { version: 'v1.4.1', channel: 'experimental' },
    ],
  },
  {
    module: 'sigs.k8s.io/network-policy-api',
    file: 'policyCrds.json',
    releases: [
      { version: 'v0.3.0', channel: 'experimental' },
      { version: 'v0.3.0', channel: 'standard' },
      { version: 'v0.2.0', channel: 'experimental' },
      { version: 'v0.1.7', channel: 'experimental' },
      { version: 'v0.1.7', channel: 'standard' },
    ],
  },
] as const;

type CrdModule = (typeof crdModules)[number];
type CrdRelease = CrdModule['releases'][number];

export const crdFolder = join(import.meta.dirname, '..', '..', 'shared', 'manifest', 'validation');

/** The definitions of a release, as its module has them. */
export function crdTexts(module: string, { version, channel }: CrdRelease): string[] {
  const folder = join(unpacked(`${module}@${version}`), 'config', 'crd', channel);
  return globSync('*.yaml', { cwd: folder })
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => /^kind: CustomResourceDefinition$/m.test(text));
}

const folders = new Map<string, string>();

/** The module's folder. It may need a newer Go than there is, which doesn't keep its files from being unpacked. */
function unpacked(name: string): string {
  const known = folders.get(name);
  if (known !== undefined) return known;
  spawnSync('go', ['mod', 'download', name], { cwd: built });
  const folder = join(execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim(), name);
  folders.set(name, folder);
  return folder;
}

export function writeCrds(): number {
  for (const each of crdModules) write(each);
  return 0;
}

function write({ module, file, releases: wanted }: CrdModule): void {
  const nodes = new Map<string, number>();
  const rules = new Map<string, number>();
  const numberOf = (known: Map<string, number>, text: string): number => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };

  const fold = (schema: Value): number => numberOf(nodes, JSON.stringify(nodeOf(schema)));

  const nodeOf = (schema: Value): SchemaNode => {
    for (const key of keysAt(schema)) if (!knownKeywords.has(key)) throw new Error(`unknown keyword ${key}`);
    const listType = textAt(schema, 'x-kubernetes-list-type');
    const validations = itemsAt(schema, 'x-kubernetes-validations').filter(
      (each) => !/\boldSelf\b/.test(textAt(each, 'rule') ?? ''),
    );
    const items = valueAt(schema, 'items');
    const values = valueAt(schema, 'additionalProperties');
    return {
      ...pick(schema, copied),
      ...(listType === 'set' || listType === 'map' ? { listType } : {}),
      ...(listType === 'map' ? { listMapKeys: itemsAt(schema, 'x-kubernetes-list-map-keys').map(String) } : {}),
      ...(validations.length === 0
        ? {}
        : {
            validations: validations.map((each) => {
              // A name that is a word of CEL's own is written with underscores.
              const rule = (textAt(each, 'rule') ?? '').replaceAll(/__(\w+)__/g, '$1');
              return numberOf(rules, JSON.stringify([rule, textAt(each, 'message') ?? '']));
            }),
          }),
      ...(items === undefined ? {} : { items: fold(items) }),
      ...(values === undefined ? {} : { additionalProperties: fold(values) }),
      ...(isMap(valueAt(schema, 'properties'))
        ? {
            properties: Object.fromEntries(
              keysAt(schema, 'properties').map((key) => [key, fold(valueAt(schema, 'properties', key) ?? null)]),
            ),
          }
        : {}),
    };
  };

  /** Metadata have a judge of their own, and what is written of a status isn't taken. */
  const rootOf = (schema: Value): number => {
    const anything = numberOf(nodes, JSON.stringify({ isOpen: true }));
    const { metadata: _, status: __, ...properties } = mapAt(schema, 'properties');
    const root = nodeOf({ ...mapAt(schema), properties });
    return numberOf(
      nodes,
      JSON.stringify({ ...root, properties: { ...root.properties, metadata: anything, status: anything } }),
    );
  };

  const releases = wanted.map((release: CrdRelease) => ({
    ...release,
    kinds: crdTexts(module, release).flatMap((text) =>
      parseFile('crd.yaml', text).documents.flatMap(({ content: { value } }) =>
        itemsAt(value, 'spec', 'versions')
          .filter((each) => valueAt(each, 'served') === true)
          .map((each) =>
            [
              `${textAt(value, 'spec', 'group')}/${textAt(each, 'name')}`,
              textAt(value, 'spec', 'names', 'kind'),
              rootOf(valueAt(each, 'schema', 'openAPIV3Schema') ?? null),
            ].join(' '),
          ),
      ),
    ),
  }));
  const data: SchemaData = {
    module,
    releases,
    rules: [...rules.keys()],
    nodes: [...nodes.keys()],
  };
  const lines = (values: readonly unknown[]): string => values.map((each) => JSON.stringify(each)).join(',\n');
  writeFileSync(
    join(crdFolder, file),
    `{ "module": ${JSON.stringify(data.module)},\n"releases": [\n${lines(data.releases)}\n],\n` +
      `"rules": [\n${lines(data.rules)}\n],\n"nodes": [\n${lines(data.nodes)}\n] }\n`,
  );
  console.log(`${module}: ${nodes.size} schemas and ${rules.size} rules of ${releases.length} releases`);
}

const copied = [
  'type',
  'required',
  'enum',
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'default',
  'oneOf',
] as const;

const knownKeywords: ReadonlySet<string> = new Set([
  ...copied,
  'description',
  'properties',
  'items',
  'additionalProperties',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  // Of server-side apply alone.
  'x-kubernetes-map-type',
]);

function mapAt(value: Value, ...path: FieldPath): MapValue {
  const found = valueAt(value, ...path);
  return isMap(found) ? found : {};
}

function pick(value: Value, keys: readonly string[]): Record<string, Value> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const found = valueAt(value, key);
      if (found === undefined) return [];
      return [[key, isList(found) ? found : inKeyOrder(found)] as const];
    }),
  );
}
