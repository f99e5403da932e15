import { printable } from '../manifest/printable.ts';
import type { Because } from '../cluster/because.ts';
import type { Trace } from './graph.ts';
import { morePaths } from './morePaths.ts';
import { firstPaths } from './paths.ts';
import { summarize } from './summary.ts';
import { hostPort } from '../cluster/address.ts';
import { namesText } from '../network/policy/policyText.ts';
import { verdictSentence } from './verdictText.ts';
import { type GateMet, type Hop, type Http, partyId, type Path, type PlaceOf, podName, type Rewrite } from './trace.ts';

/** A trace as a person reads it in a terminal. */
export function traceText(trace: Trace, placeOf: PlaceOf): string {
  const lines = [summarize(trace).text];
  const { paths, left } = firstPaths(trace);
  for (const path of paths) lines.push('', ...linesOfPath(path, placeOf));
  if (left > 0) lines.push('', morePaths(left));
  if (trace.assumptions.length > 0) lines.push('', ...trace.assumptions.map(({ text }) => `~ ${text}`));
  return `${lines.map(printable).join('\n')}\n`;
}

function linesOfPath(
  { probability, hops, verdict, seenBy, consulted, received, mirrors, decisive, gates }: Path,
  placeOf: PlaceOf,
): string[] {
  const lines = [`${probability.toFraction()}`];
  const [first] = hops;
  if (first !== undefined) lines.push(`  ${partyId(first.from)} ${first.packet.source}`);
  for (const { to, packet, rewrites, because, crossesNodes } of hops) {
    const details = [hostPort(packet.destination.address, packet.destination.port), ...rewrites.map(rewriteText)];
    lines.push(
      `    → ${partyId(to).padEnd(22)} ${details.join(', ')}${crossesNodes ? ', crossing nodes' : ''}${decidingOf(
        rewrites,
        because,
      )
        .map((each) => becauseText(each, placeOf))
        .join('')}`,
    );
  }
  if (verdict.kind === 'delivered') {
    lines.push(
      `  delivered${verdict.pod === null ? ` to ${verdict.address}` : ''}, sees ${seenBy.at(-1)?.source ?? '?'}`,
      ...gates.map((gate) => `  ${passedText(gate)}${gate.because.map((each) => becauseText(each, placeOf)).join('')}`),
    );
    if (received !== null && isProxied(hops)) lines.push(`  asked ${requestText(received)}`);
  } else {
    const isDenied = verdict.kind === 'denied' || verdict.reason === 'network-policy';
    const [first, ...others] = verdict.kind === 'answered' || isDenied ? decisive : [];
    const why = first === undefined ? '' : becauseText(first, placeOf);
    const kind = verdict.kind === 'answered' ? `${verdict.kind} ${verdict.status}` : verdict.kind;
    lines.push(`  ${kind} (${verdict.reason}): ${verdictSentence(verdict)}${why}`);
    // All policies that isolate the pod have a part in it.
    if (isDenied)
      for (const each of others) if (each.kind === 'field') lines.push(`    ${each.text}${becauseText(each, placeOf)}`);
  }
  for (const { namespace, service, share } of mirrors) {
    const part = share.equals(1) ? '' : `, ${share.toFraction()} of such requests`;
    lines.push(`  copied to Service ${podName({ name: service, namespace })}${part}`);
  }
  for (const { at, rules } of consulted) {
    lines.push(`  rules on ${partyId(at)}:`);
    for (const { table, text, because } of rules) {
      const why = because.slice(0, 1).map((each) => becauseText(each, placeOf));
      lines.push(`    ${table.padEnd(6)} ${text}${why.join('')}`);
    }
  }
  return lines;
}

/** `let into web-1 as 198.51.100.7 by allow-web` */
function passedText({ direction, pod, peer, policies }: GateMet): string {
  const by = namesText(policies);
  return direction === 'ingress' ? `let into ${pod} as ${peer} by ${by}` : `let out of ${pod} to ${peer} by ${by}`;
}

/** Whether somebody on the way made a connection of its own: then what arrives needn't be what was asked. */
function isProxied(hops: readonly Hop[]): boolean {
  return hops.some(({ rewrites }) => rewrites.some(({ kind }) => kind === 'proxy'));
}

/** `GET http://shop.example/cart, X-Forwarded-For: 198.51.100.7` */
export function requestText({ method, scheme, host, path, search, headers }: Http): string {
  const forwarded = headers.get('x-forwarded-for');
  const header = forwarded === undefined ? '' : `, X-Forwarded-For: ${forwarded}`;
  return `${method} ${scheme}://${host}${path}${search}${header}`;
}

/** What a hop rests on most: the rule by which a proxy chose where to send to, else the first reason. */
function decidingOf(rewrites: readonly Rewrite[], because: readonly Because[]): readonly Because[] {
  const proxied = rewrites.findLast(({ kind }) => kind === 'proxy');
  return (proxied === undefined || proxied.because.length === 0 ? because : proxied.because).slice(0, 1);
}

function rewriteText({ kind, from, to }: Rewrite): string {
  return `${kind} ${from} → ${to}`;
}

function becauseText(because: Because, placeOf: PlaceOf): string {
  const place = because.kind === 'assumption' || because.field === null ? null : placeOf(because.field);
  return place === null ? `   (${because.text})` : `   (${place.file}:${place.line})`;
}
