import { type Expression, replaced } from '../match.ts';

/** What a proxy changes of a request before it passes it on, as data. */
export type Edit =
  /** Where the expression takes the path, its groups in `target` (`/$2`) are the new path. */
  | { readonly kind: 'path-by-expression'; readonly expression: Expression; readonly target: string }
  | { readonly kind: 'host'; readonly host: string }
  /** The Host is the backend's own address: empty until one is picked. */
  | { readonly kind: 'host-of-backend' };

export function edited<T extends { readonly host: string; readonly path: string }>(
  request: T,
  edits: readonly Edit[],
): T {
  return edits.reduce((made, edit) => {
    switch (edit.kind) {
      case 'path-by-expression':
        return { ...made, path: replaced(edit.expression, made.path, edit.target) ?? made.path };
      case 'host':
        return { ...made, host: edit.host };
      case 'host-of-backend':
        return { ...made, host: '' };
      default:
        return edit satisfies never;
    }
  }, request);
}
