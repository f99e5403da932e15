import { URI } from 'vscode-uri';

/** Where the files of other file systems than the disk lie in the sandbox: one folder for each of them. */
const elsewhere = /^\/:([\w.+-]+)(?::([^/]*))?(\/.*)?$/;

/** A file's path in the sandbox that builds kustomizations and charts. */
export function pathInSandbox(uri: string): string {
  const { scheme, authority, path } = URI.parse(uri);
  if (scheme === 'file' && authority === '') return path;
  return `/:${scheme}${authority === '' ? '' : `:${encodeURIComponent(authority)}`}${path}`;
}

/** The URI of the file that lies there. */
export function uriInSandbox(path: string): string {
  const [, scheme, authority = '', rest = ''] = elsewhere.exec(path) ?? [];
  if (scheme === undefined) return URI.file(path).toString();
  return URI.from({ scheme, authority: decodeURIComponent(authority), path: rest }).toString();
}
