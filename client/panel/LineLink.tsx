import * as l10n from '@vscode/l10n';
import type { Open } from './messages.ts';

/** Leads to a line of a file, which the editor then shows. */
export function LineLink({ file, line, open }: { file: string; line: number; open: Open }) {
  const name = fileName(file);
  return (
    <button
      type="button"
      class="link"
      onClick={() => open(file, line)}
      title={l10n.t('Show line {0} of {1}', line, name)}
    >
      {name}:{line}
    </button>
  );
}

/** A file's name as it reads; what isn't encoded as a URI is, stays as it is. */
export function fileName(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
