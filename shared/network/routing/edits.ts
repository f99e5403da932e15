import { escapedByNginx } from '../normalization.ts';
import { locationOf, type LocationTemplate, type Redirected } from './location.ts';

/** What a proxy changes of a request before it passes it on, as data. Each is made of the request as it was asked. */
export type Edit =
  /** Another path, with the escapes that nginx writes. */
  | { readonly kind: 'path'; readonly to: LocationTemplate }
  | { readonly kind: 'host'; readonly to: LocationTemplate }
  /** The Host is the backend's own address: empty until one is picked. */
  | { readonly kind: 'host-of-backend' };

export function edited<T extends { readonly host: string; readonly path: string }>(
  request: T,
  edits: readonly Edit[],
  asked: Redirected,
): T {
  return edits.reduce((made, edit) => {
    switch (edit.kind) {
      case 'path':
        return { ...made, path: escapedByNginx(locationOf(edit.to, asked)) };
      case 'host':
        return { ...made, host: locationOf(edit.to, asked) };
      case 'host-of-backend':
        return { ...made, host: '' };
      default:
        return edit satisfies never;
    }
  }, request);
}
