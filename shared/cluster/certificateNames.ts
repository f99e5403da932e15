/**
 * The DNS names of a certificate as PEM: those of its extension `subjectAltName`, the only ones that clients look at
 * (RFC 6125, RFC 9525). Of DER it is enough to know tags and lengths (X.690 8.1): an ASN.1 library would be 65 kB.
 * Empty for what is no certificate, or one without such names.
 * Source of the fields: RFC 5280 4.1 `TBSCertificate`, 4.2.1.6 `GeneralName`.
 */
export function certificateNames(pem: string): readonly string[] {
  const [, base64] = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem) ?? [];
  const bytes = base64 === undefined ? null : decoded(base64);
  if (bytes === null) return [];
  const [certificate] = elementsOf(bytes);
  const [fields] = childrenOf(certificate, sequence);
  const extensions = childrenOf(fields, sequence).find(({ tag }) => tag === extensionsTag);
  const [list] = childrenOf(extensions, extensionsTag);
  for (const extension of childrenOf(list, sequence)) {
    const parts = childrenOf(extension, sequence);
    const value = parts.at(-1);
    if (parts[0]?.content !== subjectAltName || value === undefined) continue;
    const [names] = elementsOf(value.content);
    return childrenOf(names, sequence).flatMap(({ tag, content }) => (tag === dnsName ? [content.toLowerCase()] : []));
  }
  return [];
}

/** An element, its content as a text of bytes. */
interface Element {
  readonly tag: number;
  readonly content: string;
}

const sequence = 0x30;
/** `[3]` of a TBSCertificate. */
const extensionsTag = 0xa3;
/** `[2]` of a GeneralName. */
const dnsName = 0x82;
/** 2.5.29.17 */
const subjectAltName = '\x55\x1d\x11';

/** The bytes of a text in base64; null where it is none. */
export function decoded(base64: string): string | null {
  try {
    return atob(base64.replaceAll(/\s/g, ''));
  } catch {
    return null;
  }
}

function childrenOf(element: Element | undefined, tag: number): Element[] {
  return element?.tag === tag ? elementsOf(element.content) : [];
}

/** Up to the first that doesn't fit. */
function elementsOf(bytes: string): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const first = bytes.charCodeAt(at + 1);
    const digits = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + digits;
    let length = digits === 0 ? first : 0;
    for (let index = at + 2; index < start; index += 1) length = length * 256 + bytes.charCodeAt(index);
    if (!(start + length <= bytes.length)) break;
    elements.push({ tag: bytes.charCodeAt(at), content: bytes.slice(start, start + length) });
    at = start + length;
  }
  return elements;
}
