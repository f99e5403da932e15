import type { Because } from '../shared/cluster/because.ts';
import { type ListedRoute, type ListedTable, listedTables, rowsFor } from '../shared/network/routeTables.ts';
import { bold, dim } from './colour.ts';
import { type CommandInput, readInput, scenesOf, typedName, typedPlace, UnusableInput } from './input.ts';

export interface RoutesOptions {
  readonly files: readonly string[];
  readonly profile: string | undefined;
  /** Only what this host meets. */
  readonly host: string | undefined;
  readonly format: string;
}

/** `hoplens routes`: what each proxy does with requests, in the order in which it tries its routes. */
export function routes({ files, profile, host, format }: RoutesOptions): number {
  if (format !== 'text' && format !== 'json') throw new UnusableInput(`--format can be text or json, not ${format}.`);
  const input = readInput(files, profile);
  const scenes = scenesOf(input);
  const tables = scenes.flatMap(({ model, set }) =>
    listedTables(model).map((table) => ({
      set: typedName(set.root),
      table: host === undefined ? table : { ...table, rows: rowsFor(table, host) },
    })),
  );
  if (format === 'json') {
    const json = tables.map(({ set, table }) => tableJson(table, set, input));
    process.stdout.write(`${JSON.stringify({ version: 1, tables: json }, null, 2)}\n`);
    return 0;
  }
  for (const { set, table } of tables) process.stdout.write(tableText(table, scenes.length > 1 ? set : null, input));
  if (tables.length === 0) process.stdout.write('No Ingress and no Gateway: there is no route.\n');
  return 0;
}

function placeOf(because: readonly Because[], input: CommandInput): { file: string; line: number } | null {
  for (const each of because) {
    const place = each.kind === 'assumption' || each.field === null ? null : typedPlace(input.workspace, each.field);
    if (place !== null) return place;
  }
  return null;
}

function tableJson({ title, product, rows, left }: ListedTable, set: string, input: CommandInput): object {
  return {
    title,
    product,
    set,
    left,
    routes: rows.map(({ hostText, when, then, action, status, to, because }) => {
      const place = placeOf(because, input);
      return { host: hostText, when, then, action, status, to, file: place?.file ?? null, line: place?.line ?? null };
    }),
  };
}

/** The rows by host, each with its line. */
function tableText({ title, rows, left }: ListedTable, set: string | null, input: CommandInput): string {
  const count = `${rows.length} ${rows.length === 1 ? 'route' : 'routes'}`;
  const heading = `${bold(title)} ${dim(`(${count}${set === null ? '' : `, ${set}`})`)}\n`;
  const width = Math.min(60, Math.max(0, ...rows.map(({ when }) => when.length)));
  const lines: string[] = [];
  let host: string | null = null;
  for (const row of rows) {
    if (row.hostText !== host) lines.push(`  ${row.hostText}\n`);
    host = row.hostText;
    lines.push(rowText(row, width, input));
  }
  return `${heading}${lines.join('')}${left > 0 ? `  and ${left} routes more\n` : ''}\n`;
}

function rowText({ when, then, because }: ListedRoute, width: number, input: CommandInput): string {
  const place = placeOf(because, input);
  const at = place === null ? '' : dim(`  ${place.file}:${place.line}`);
  return `    ${(when === '' ? 'all else' : when).padEnd(width)}  → ${then}${at}\n`;
}
