import { isAddress } from '../cluster/address.ts';

/** What somebody typed or pasted to ask for, or why it can't be read. */
export type TypedRequest =
  | { readonly kind: 'request'; readonly target: string; readonly details: TypedDetails | null }
  | { readonly kind: 'unreadable'; readonly message: string };

/** What a curl line says besides its URL; null where nothing is said. */
export interface TypedDetails {
  readonly protocol: 'TCP';
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A line for curl, as it is pasted from a terminal or a browser's "Copy as cURL": which request it makes. What changes
 * nothing about where it goes (-s, -k, -o) is passed over.
 * Source: curl 8.10's manual (curl.1), its options and what they take.
 */
export function readCurl(line: string): TypedRequest {
  const words = shellWords(line.trim().replace(/^[$#>]\s+/, ''));
  if (words === null) return unreadable('A quote in this line is never closed.');
  const options = optionsOf(words.slice(1));
  const [url, ...others] = options.urls;
  if (url === undefined) return unreadable('This curl line names no URL.');
  if (others.length > 0) return unreadable(`This curl line asks ${options.urls.length} URLs: take one of them.`);
  const bare = /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`;
  const { headers, data } = options;
  const query = options.isGet && data.length > 0 ? `${bare.includes('?') ? '&' : '?'}${data.join('&')}` : '';
  const method = options.method ?? usualMethod(options);
  const resolved = resolvedUrl(`${bare}${query}`, options.resolve);
  return {
    kind: 'request',
    target: resolved.url,
    details: { protocol: 'TCP', method, headers: { ...resolved.headers, ...Object.fromEntries(headers) } },
  };
}

function usualMethod({ isHead, isUpload, isGet, data }: CurlOptions): string {
  if (isHead) return 'HEAD';
  if (isUpload) return 'PUT';
  return data.length > 0 && !isGet ? 'POST' : 'GET';
}

function unreadable(message: string): TypedRequest {
  return { kind: 'unreadable', message };
}

/**
 * `--resolve HOST:PORT:ADDRESS`: the connection goes to the address, the request names the host. With TLS the name
 * decides, so it stays in the URL.
 */
function resolvedUrl(
  url: string,
  resolve: readonly string[],
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const [, scheme = '', host = '', port = '', rest = ''] = /^(https?:\/\/)([^/:?#]+)(:\d+)?(.*)$/i.exec(url) ?? [];
  const asked = `${host}${port === '' ? ':80' : port}:`;
  const entry = resolve.find((each) => each.replace(/^\+/, '').startsWith(asked));
  const address = entry
    ?.replace(/^\+/, '')
    .slice(asked.length)
    .split(',')[0]
    ?.replace(/^\[|\]$/g, '');
  if (scheme.toLowerCase() !== 'http://' || address === undefined || !isAddress(address)) return { url, headers: {} };
  const at = address.includes(':') ? `[${address}]` : address;
  return { url: `${scheme}${at}${port}${rest}`, headers: { Host: `${host}${port}` } };
}

interface CurlOptions {
  readonly urls: string[];
  readonly headers: (readonly [string, string])[];
  readonly data: string[];
  readonly resolve: string[];
  method: string | null;
  isGet: boolean;
  isHead: boolean;
  isUpload: boolean;
}

/** Short options that take a value, behind them or in the next word. */
const shortWithValue = 'AbCcDdEeFHhKmoPQrTtUuwXxYyz';

/** Long options for HTTP that take none, also behind `no-`; every other one takes a value. */
const longWithout = new Set(
  (
    'alpn anyauth basic buffer ca-native cert-status clobber compressed create-dirs crlf digest disable ' +
    'disallow-username-in-url doh-cert-status doh-insecure fail fail-early fail-with-body false-start form-escape ' +
    'get globoff haproxy-protocol head http0.9 http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only ' +
    'ignore-content-length include insecure ipv4 ipv6 junk-session-cookies keepalive location location-trusted ' +
    'mptcp negotiate netrc netrc-optional next npn ntlm parallel parallel-immediate path-as-is post301 post302 ' +
    'post303 progress-bar progress-meter proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 ' +
    'proxy-insecure proxy-negotiate proxy-ntlm proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 ' +
    'proxytunnel raw remote-header-name remote-name remote-name-all remote-time remove-on-error retry-all-errors ' +
    'retry-connrefused sessionid show-error show-headers silent socks5-basic socks5-gssapi socks5-gssapi-nec ssl ' +
    'ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort sslv2 sslv3 styled-output ' +
    'suppress-connect-headers tcp-fastopen tcp-nodelay tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace-ids ' +
    'trace-time use-ascii verbose xattr'
  ).split(' '),
);

function optionsOf(words: readonly string[]): CurlOptions {
  const options: CurlOptions = {
    urls: [],
    headers: [],
    data: [],
    resolve: [],
    method: null,
    isGet: false,
    isHead: false,
    isUpload: false,
  };
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!word.startsWith('-') || word === '-') options.urls.push(word);
    else if (word.startsWith('--')) {
      const [name = '', given] = word.slice(2).split(/=(.*)/s, 2);
      takeOption(options, name, given ?? (longWithout.has(name.replace(/^no-/, '')) ? '' : (left.shift() ?? '')));
    } else takeShort(options, word.slice(1), left);
  }
  return options;
}

/** `-sXPOST`: letters without a value, then one with the rest of the word or the next word as its value. */
function takeShort(options: CurlOptions, letters: string, left: string[]): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? '';
    if (!shortWithValue.includes(letter)) {
      takeOption(options, letter, '');
      continue;
    }
    const rest = letters.slice(at + 1);
    takeOption(options, letter, rest === '' ? (left.shift() ?? '') : rest);
    return;
  }
}

function takeOption(options: CurlOptions, name: string, value: string): void {
  switch (name) {
    case 'X':
    case 'request':
      options.method = value === '' ? null : value.toUpperCase();
      return;
    case 'T':
    case 'upload-file':
      options.isUpload = true;
      return;
    case 'H':
    case 'header': {
      const [, header, text] = /^([^:;]+):\s*(.*)$/s.exec(value) ?? [];
      if (header !== undefined && text !== undefined && text !== '') options.headers.push([header.trim(), text]);
      return;
    }
    case 'd':
    case 'data':
    case 'data-raw':
    case 'data-ascii':
    case 'data-binary':
    case 'data-urlencode':
    case 'json':
    case 'F':
    case 'form':
      options.data.push(value);
      if (name === 'json') options.headers.push(['Content-Type', 'application/json']);
      return;
    case 'G':
    case 'get':
      options.isGet = true;
      return;
    case 'I':
    case 'head':
      options.isHead = true;
      return;
    case 'A':
    case 'user-agent':
      options.headers.push(['User-Agent', value]);
      return;
    case 'b':
    case 'cookie':
      if (value.includes('=')) options.headers.push(['Cookie', value]);
      return;
    case 'e':
    case 'referer':
      options.headers.push(['Referer', value]);
      return;
    case 'url':
      options.urls.push(value);
      return;
    case 'resolve':
      options.resolve.push(value);
      return;
    default:
      // It changes nothing about where the request goes.
      return;
  }
}

/**
 * The words of a line as a POSIX shell has them, with bash's `$'…'`, which browsers write; nothing is expanded. What
 * stands behind the command (`| jq`, `&& …`, `> file`) is none of its words. Null where a quote is never closed.
 */
function shellWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length;) {
    const rest = line.slice(at);
    const [blank] = /^(?:\s|\\\r?\n)+/.exec(rest) ?? [];
    if (blank !== undefined) {
      if (word !== null) words.push(word);
      word = null;
      at += blank.length;
      continue;
    }
    // A number before it says which stream goes there.
    if (/^[|&;<>]/.test(rest))
      return word === null || (/^[<>]/.test(rest) && /^\d+$/.test(word)) ? words : [...words, word];
    const [part] = /^(?:'[^']*'|\$'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|\\[^]|[^\s'"\\$|&;<>]+|\$)/.exec(rest) ?? [];
    if (part === undefined) return null;
    word = (word ?? '') + plainPart(part);
    at += part.length;
  }
  return word === null ? words : [...words, word];
}

function plainPart(part: string): string {
  if (part.startsWith("$'")) return part.slice(2, -1).replaceAll(/\\u([0-9a-fA-F]{4})|\\([^])/g, escaped);
  if (part.startsWith("'")) return part.slice(1, -1);
  if (part.startsWith('"')) return part.slice(1, -1).replaceAll(/\\([$`"\\\n])/g, '$1');
  return part.startsWith('\\') ? part.slice(1) : part;
}

function escaped(_: string, code: string | undefined, letter: string | undefined): string {
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return letter === 'n' ? '\n' : letter === 't' ? '\t' : letter === 'r' ? '\r' : (letter ?? '');
}
