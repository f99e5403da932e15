import { readCurl, type TypedRequest } from './curlLine.ts';
import { readTarget } from './readRequest.ts';

/** Reads a TARGET, with kubectl's other names for its kind, a host and path without a scheme, or a curl line. */
export function readTyped(text: string): TypedRequest {
  const typed = text.trim();
  const read = /^(?:[$#>]\s+)?curl(?:\.exe)?\s/.test(typed)
    ? readCurl(typed)
    : { target: plainKind(typed), details: null };
  if ('kind' in read && read.kind === 'unreadable') return read;
  const { target, details } = read;
  // A host alone, or with a path, is what one would type into a browser.
  const isHost =
    /^[\w*-]+(?:\.[\w-]+)+(?:\/\S*)?$|^[\w.-]+(?::\d{1,5})?\/\S*$/.test(target) && !/^(?:svc|pod)\//.test(target);
  const meant = isHost ? `http://${target}` : target;
  const found = readTarget(meant);
  return found.kind === 'read' ? { kind: 'request', target: meant, details } : found;
}

/** kubectl takes a kind's longer names too. */
function plainKind(text: string): string {
  return text.replace(/^services?\//, 'svc/').replace(/^(?:pods|po)\//, 'pod/');
}
