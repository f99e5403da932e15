import { type Edit, edited } from './edits.ts';

/** Where a redirect leads, as data: its pieces in a row. */
export type LocationTemplate = readonly LocationPiece[];

export type LocationPiece =
  | string
  | {
      readonly of:
        | 'scheme'
        /** The Host without its port. */
        | 'host'
        /** The Host as it was asked. */
        | 'authority'
        /** Path and query as they were asked. */
        | 'asked'
        /** The same without one slash at the end. */
        | 'asked-without-last-slash'
        /** The path as the proxy reads it. */
        | 'path'
        /** `?` and the query; nothing where there is none. */
        | 'query';
    }
  /** The path as the proxy reads it, after an edit. */
  | { readonly of: 'edited-path'; readonly edit: Edit };

/** A request that is redirected. */
export interface Redirected {
  readonly scheme: string;
  readonly host: string;
  /** As it was asked. */
  readonly asked: string;
  /** As the proxy reads it. */
  readonly path: string;
  /** `?` and the query as it was asked; empty where there is none. */
  readonly search: string;
}

export function locationOf(template: LocationTemplate, { scheme, host, asked, path, search }: Redirected): string {
  return template
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      switch (piece.of) {
        case 'scheme':
          return scheme;
        case 'host':
          return host.replace(/:\d+$/, '');
        case 'authority':
          return host;
        case 'asked':
          return asked + search;
        case 'asked-without-last-slash':
          return (asked + search).replace(/\/$/, '');
        case 'path':
          return path;
        case 'query':
          return search;
        case 'edited-path':
          return edited({ host, path, headers: new Map() }, [piece.edit]).path;
        default:
          return piece satisfies never;
      }
    })
    .join('');
}

/** The same URL under HTTPS, as most products redirect to it. */
export const sameUnderHttps: LocationTemplate = ['https://', { of: 'host' }, { of: 'asked' }];
