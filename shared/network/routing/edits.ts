import { type Expression, replaced } from '../match.ts';
import type { HeaderChange } from '../../cluster/gatewayApi/routeFilter.ts';

/** What a proxy changes of a request before it passes it on, as data. */
export type Edit =
  /** Where the expression takes the path, its groups in `target` (`/$2`) are the new path. */
  | { readonly kind: 'path-by-expression'; readonly expression: Expression; readonly target: string }
  | { readonly kind: 'path'; readonly path: string }
  /** The prefix, element by element, is replaced by another. */
  | { readonly kind: 'path-prefix'; readonly prefix: string; readonly by: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'headers'; readonly change: HeaderChange };

/** What can be edited. Names of headers in lower case. */
export interface Editable {
  readonly host: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

export function edited<T extends Editable>(request: T, edits: readonly Edit[]): T {
  return edits.reduce((made, edit) => {
    switch (edit.kind) {
      case 'path-by-expression':
        return { ...made, path: replaced(edit.expression, made.path, edit.target) ?? made.path };
      case 'path':
        return { ...made, path: edit.path };
      case 'path-prefix':
        return { ...made, path: withPrefix(made.path, edit) };
      case 'host':
        return { ...made, host: edit.host };
      case 'headers':
        return { ...made, headers: changed(made.headers, edit.change) };
      default:
        return edit satisfies never;
    }
  }, request);
}

function withPrefix(path: string, { prefix, by }: { readonly prefix: string; readonly by: string }): string {
  const rest = path.slice(prefix.replace(/\/$/, '').length);
  if (rest === '') return by === '' ? '/' : by;
  return `${by.replace(/\/$/, '')}${rest}`;
}

function changed(
  headers: ReadonlyMap<string, string>,
  { set, add, remove }: HeaderChange,
): ReadonlyMap<string, string> {
  const result = new Map(headers);
  for (const { name, value } of set) result.set(name.toLowerCase(), value);
  for (const { name, value } of add) {
    const before = result.get(name.toLowerCase());
    result.set(name.toLowerCase(), before === undefined ? value : `${before},${value}`);
  }
  for (const name of remove) result.delete(name.toLowerCase());
  return result;
}
