import type { Because } from '../cluster/because.ts';
import { printable } from '../manifest/printable.ts';
import type { Field } from '../manifest/manifest.ts';
import type { ListedRoute, ListedTable } from '../network/routeTables.ts';

/** Tables as lines for a person, each row with the field that it rests on. */
export interface RoutesLine {
  readonly kind: 'table' | 'host' | 'route' | 'note';
  readonly text: string;
  /** Null for what rests on no field of its own. */
  readonly field: Field | null;
}

/** A row that asks for more than this is longer; the others stand in columns. */
const widest = 36;

/** The lines of some tables, one behind the other. */
export function routesLines(tables: readonly ListedTable[]): RoutesLine[] {
  if (tables.length === 0) return [note('No Ingress and no Gateway: there is no route.')];
  return tables.flatMap((table, index) => [...(index === 0 ? [] : [note('')]), ...linesOf(table)]);
}

function linesOf({ title, rows, left }: ListedTable): RoutesLine[] {
  const width = Math.min(widest, Math.max(0, ...rows.map(({ when }) => when.length)));
  const lines: RoutesLine[] = [];
  let host: string | null = null;
  for (const row of rows) {
    if (row.hostText !== host) lines.push({ kind: 'host', text: printable(`  ${row.hostText}`), field: null });
    host = row.hostText;
    const text = `    ${(row.when === '' ? 'all else' : row.when).padEnd(width)}  → ${row.does}`;
    lines.push({ kind: 'route', text: printable(text), field: fieldOfRow(row) });
  }
  const count = `${rows.length} ${rows.length === 1 ? 'route' : 'routes'}`;
  const more = left > 0 ? [note(`    and ${left} more ${left === 1 ? 'route' : 'routes'}, left out`)] : [];
  return [{ kind: 'table', text: printable(`${title} (${count})`), field: null }, ...lines, ...more];
}

function note(text: string): RoutesLine {
  return { kind: 'note', text, field: null };
}

/** The first field among what a row rests on. */
export function fieldOfRow({ because }: { readonly because: readonly Because[] } | ListedRoute): Field | null {
  for (const each of because) if (each.kind !== 'assumption' && each.field !== null) return each.field;
  return null;
}
