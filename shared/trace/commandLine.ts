/** A request as `hoplens trace` takes it. */
export interface CommandLineRequest {
  readonly target: string;
  readonly from: string;
  readonly details?:
    | { readonly protocol: string; readonly method: string; readonly headers: Readonly<Record<string, string>> }
    | undefined;
  /** The folder or file whose manifests count. */
  readonly path: string;
}

/** The command that asks the same, for a POSIX shell. */
export function commandLineOf({ target, from, details, path }: CommandLineRequest): string {
  const { protocol = 'TCP', method = 'GET', headers = {} } = details ?? {};
  return [
    'hoplens',
    'trace',
    quoted(target),
    '-f',
    quoted(path),
    ...(from === 'internet' ? [] : ['--from', quoted(from)]),
    ...(method === 'GET' ? [] : ['--method', quoted(method)]),
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', quoted(`${name}: ${value}`)]),
    ...(protocol === 'TCP' ? [] : ['--protocol', protocol.toLowerCase()]),
  ].join(' ');
}

/** A word of a shell: in quotes where the shell would read more into it than there is. */
function quoted(word: string): string {
  return /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
