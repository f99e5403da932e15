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
 * `npm run oracle -- write-crds`: the Gateway API's CRDs, from its Go module, as
 * `shared/manifest/validation/gatewayCrds.json` holds them: without descriptions, schemas that are alike once, rules of
 * transitions left out. Of the newest release, the channel `experimental` has every kind and field; `standard` says
 * which of them are in use without it. The older release tells which rules are new, and has the kinds that are gone
 * since.
 */
export const crdReleases = [
  { version: 'v1.7.0', channel: 'experimental' },
  { version: 'v1.7.0', channel: 'standard' },
  { version: 'v1.4.1', channel: 'experimental' },
] as const;

/** The definitions of a release, as its module has them. */
export function crdTexts({ version, channel }: (typeof crdReleases)[number]): string[] {
  const folder = join(moduleOf(version), 'config', 'crd', channel);
  return globSync('*.yaml', { cwd: folder })
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => /^kind: CustomResourceDefinition$/m.test(text));
}

const modules = new Map<string, string>();

/** The module's folder. It may need a newer Go than there is, which doesn't keep its files from being unpacked. */
function moduleOf(version: string): string {
  const known = modules.get(version);
  if (known !== undefined) return known;
  const name = `sigs.k8s.io/gateway-api@${version}`;
  spawnSync('go', ['mod', 'download', name], { cwd: built });
  const folder = join(execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim(), name);
  modules.set(version, folder);
  return folder;
}

export function writeGatewayCrds(): number {
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

  const releases = crdReleases.map((release) => ({
    ...release,
    kinds: crdTexts(release).flatMap((text) =>
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
    module: 'sigs.k8s.io/gateway-api',
    releases,
    rules: [...rules.keys()],
    nodes: [...nodes.keys()],
  };
  const lines = (values: readonly unknown[]): string => values.map((each) => JSON.stringify(each)).join(',\n');
  writeFileSync(
    join(import.meta.dirname, '..', '..', 'shared', 'manifest', 'validation', 'gatewayCrds.json'),
    `{ "module": ${JSON.stringify(data.module)},\n"releases": [\n${lines(data.releases)}\n],\n` +
      `"rules": [\n${lines(data.rules)}\n],\n"nodes": [\n${lines(data.nodes)}\n] }\n`,
  );
  console.log(`${nodes.size} schemas and ${rules.size} rules of ${releases.length} releases`);
  return 0;
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
