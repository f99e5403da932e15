/** What stands for a file that is no text, or is too large to be one that anybody wrote. */
export const notShown = 'no text';

/** A file as the sandbox is given it: of what is no text, only that it is there. */
export function sourceText(path: string, text: string): string {
  return !/\.(?:ya?ml|json|tpl)$/.test(path) && isBinary.test(text) ? notShown : text;
}

/** What YAML can't hold, or is no UTF-8. */
// oxlint-disable-next-line no-control-regex
const isBinary = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffd]/;
