import { type ListedTable, listedTables } from '../shared/network/routeTables.ts';
import { fieldOfRow, type RoutesLine, routesLines } from '../shared/insight/routesText.ts';
import { bold, dim } from './colour.ts';
import { type CommandInput, type InputOptions, readInput, scenesOf, nameOfSet, typedPlace } from './input.ts';
import { UnusableInput } from './unusableInput.ts';

export interface RoutesOptions extends InputOptions {
  /** Only what this host meets. */
  readonly host: string | undefined;
  readonly format: string;
}

/** `hoplens routes`: what each proxy does with requests, in the order in which it tries its routes. */
export async function routes({ host, format, ...given }: RoutesOptions): Promise<number> {
  if (format !== 'text' && format !== 'json') throw new UnusableInput(`--format can be text or json, not ${format}.`);
  const input = await readInput(given);
  const sets = scenesOf(input).map(({ model, set }) => ({
    set: nameOfSet(input, set),
    tables: listedTables(model, host ?? null),
  }));
  if (format === 'json') {
    const tables = sets.flatMap(({ set, tables: own }) => own.map((table) => tableJson(table, set, input)));
    process.stdout.write(`${JSON.stringify({ version: 1, tables }, null, 2)}\n`);
    return 0;
  }
  const serving = sets.filter(({ tables }) => tables.length > 0);
  for (const { set, tables } of serving) {
    if (serving.length > 1) process.stdout.write(`${dim(`# ${set}`)}\n`);
    for (const line of routesLines(tables)) process.stdout.write(`${coloured(line, input)}\n`);
  }
  if (serving.length === 0) for (const { text } of routesLines([])) process.stdout.write(`${text}\n`);
  return 0;
}

function tableJson({ title, product, rows, left }: ListedTable, set: string, input: CommandInput): object {
  return {
    title,
    product,
    set,
    left,
    routes: rows.map((row) => {
      const { hostText, when, does, action, status, to } = row;
      const field = fieldOfRow(row);
      const place = field === null ? null : typedPlace(input.workspace, field);
      return { host: hostText, when, does, action, status, to, file: place?.file ?? null, line: place?.line ?? null };
    }),
  };
}

function coloured({ kind, text, field }: RoutesLine, input: CommandInput): string {
  if (kind === 'table') return bold(text);
  const place = field === null ? null : typedPlace(input.workspace, field);
  return place === null ? text : `${text}  ${dim(`${place.file}:${place.line}`)}`;
}
