import type { HeaderChange } from '../../cluster/gatewayApi/routeFilter.ts';
import { locationOf, type LocationTemplate, type Redirected } from './location.ts';

/** What a proxy changes of a request before it passes it on, as data. Each is made of the request as it was asked. */
export type Edit =
  | {
      readonly kind: 'path';
      readonly to: LocationTemplate;
      /** How the proxy escapes it; null where it writes it as it stands. */
      readonly escaped: ((path: string) => string) | null;
    }
  | { readonly kind: 'host'; readonly to: LocationTemplate }
  /** The Host is the backend's own address: empty until one is picked. */
  | { readonly kind: 'host-of-backend' }
  | { readonly kind: 'headers'; readonly change: HeaderChange };

/** What can be edited. Names of headers in lower case. */
export interface Editable {
  readonly host: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

export function edited<T extends Editable>(request: T, edits: readonly Edit[], asked: Redirected): T {
  return edits.reduce((made, edit) => {
    switch (edit.kind) {
      case 'path': {
        const path = locationOf(edit.to, asked);
        return { ...made, path: edit.escaped?.(path) ?? path };
      }
      case 'host':
        return { ...made, host: locationOf(edit.to, asked) };
      case 'host-of-backend':
        return { ...made, host: '' };
      case 'headers':
        return { ...made, headers: changed(made.headers, edit.change) };
      default:
        return edit satisfies never;
    }
  }, request);
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
