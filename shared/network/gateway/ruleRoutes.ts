import Fraction from 'fraction.js';
import { type Assumption, type Because, written } from '../../cluster/because.ts';
import type { RouteBackend, WrittenPath } from '../../cluster/gatewayApi/route.ts';
import type { RouteFilter } from '../../cluster/gatewayApi/routeFilter.ts';
import { literal, type TextMatch } from '../match.ts';
import type { Edit } from '../routing/edits.ts';
import type { LocationTemplate } from '../routing/location.ts';
import type { Answer, RouteMatch, TableRoute } from '../routing/routeTable.ts';
import type { Entrance, Filtering } from './filtering.ts';
import type { RouteEntry } from './routeEntries.ts';
import type { Ways } from './ways.ts';

/** One of a rule's backends, with its share of the requests and what its own filters do. */
export interface WeightedRouteBackend {
  readonly backend: RouteBackend;
  readonly share: Fraction;
  readonly edits: readonly Edit[];
  readonly mirrors: readonly Mirrored[];
  readonly assumed: readonly Assumption[];
  /** What a filter of the backend answers, and its field; null where the request goes on. */
  readonly answer: { readonly answer: Answer; readonly because: Because } | null;
}

/** Who gets a copy, of what share. */
export interface Mirrored {
  readonly backend: Extract<RouteFilter, { kind: 'RequestMirror' }>['backend'];
  readonly share: Fraction;
}

/** A rule's match, as the table has it. */
export interface Ruled<Of> {
  readonly match: RouteMatch;
  readonly of: Of;
  readonly because: readonly Because[];
  /** How the request came in: what a redirect leaves as it is. */
  readonly scheme: 'http' | 'https';
  readonly passesTls?: boolean;
  readonly ways: Ways;
  /** What the filters come to, where it isn't by the ways. */
  readonly filtering?: Filtering;
  readonly statusWithoutBackend?: 500 | 503;
}

/**
 * The routes of one match of a rule: what its filters answer, then its backends by weight. Without a backend that has
 * any weight there is none.
 * Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go (filters, `HTTPRequestRedirectFilter`,
 * `HTTPPathModifier`, `HTTPCORSFilter`; v1.6.1).
 */
export function routesOfEntry<Of>(
  entry: RouteEntry,
  { match, of, because, scheme, passesTls = false, ways, statusWithoutBackend = 500, ...rest }: Ruled<Of>,
): TableRoute<Of, WeightedRouteBackend>[] {
  const common = { tie: null, statusWithoutBackend } as const;
  const filtering = rest.filtering ?? filteringBy(ways);
  const entrance = { scheme, port: match.port?.number ?? null };
  const filtered = filteredBy(entry.rule.filters, entry, { filtering, entrance });
  const answers = filtered.answers.map((each): TableRoute<Of, WeightedRouteBackend> => ({
    match: { ...match, method: each.when.method ?? match.method, headers: [...match.headers, ...each.when.headers] },
    action: each.answer,
    of,
    because: [...because, each.because],
    assumed: [],
    ...common,
  }));
  if (filtered.isEnded) return answers;
  const to = weighted(entry, filtered, filtering);
  const isPlain = ways.firstFilters === 'rule' || to.every(({ edits }) => edits.length === 0);
  const inTurn = ways.firstFilters === 'backend-of-several' && to.length === 1 ? asOne : backendFirst;
  const forward = isPlain
    ? ({ kind: 'forward', to, edits: filtered.edits, passesTls } as const)
    : ({
        kind: 'forward',
        to: to.map((each) => ({ ...each, edits: inTurn(filtered.edits, each.edits) })),
        edits: [],
        passesTls,
      } as const);
  return [...answers, { match, action: forward, of, because, assumed: filtered.assumed, ...common }];
}

function backendFirst(rule: readonly Edit[], backend: readonly Edit[]): Edit[] {
  return [...backend, ...rule];
}

/** What is removed goes first, then what the rule does, then what its backend does; but the rule's Host stays. */
function asOne(rule: readonly Edit[], backend: readonly Edit[]): Edit[] {
  const isRemoval = (edit: Edit): boolean =>
    edit.kind === 'headers' && edit.change.set.length + edit.change.add.length === 0;
  const isHost = ({ kind }: Edit): boolean => kind === 'host';
  const both = [...rule, ...backend.filter((each) => !isHost(each))];
  return [...backend.filter(isHost), ...both.filter(isRemoval), ...both.filter((each) => !isRemoval(each))];
}

function weighted(entry: RouteEntry, { mirrors }: Filtered, filtering: Filtering): WeightedRouteBackend[] {
  const backends = entry.rule.backends.filter(({ weight }) => weight > 0);
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  return backends.map((backend) => {
    const entrance = { scheme: 'http', port: backend.port } as const;
    const own = filteredBy(backend.filters, entry, { filtering, entrance });
    const last = own.isEnded ? own.answers.at(-1) : undefined;
    return {
      backend,
      share: new Fraction(backend.weight, total),
      edits: own.edits,
      mirrors: [...mirrors, ...own.mirrors],
      assumed: own.assumed,
      answer: last === undefined ? null : { answer: last.answer, because: last.because },
    };
  });
}

interface Filtered {
  /** Before the request goes on: for which requests, what, and the filter's field. */
  readonly answers: readonly ConditionalAnswer[];
  /** Whether the last answer is for every request. */
  readonly isEnded: boolean;
  readonly edits: readonly Edit[];
  readonly mirrors: readonly Mirrored[];
  readonly assumed: readonly Assumption[];
}

interface ConditionalAnswer {
  readonly when: Pick<RouteMatch, 'method' | 'headers'>;
  readonly answer: Answer;
  readonly because: Because;
}

interface FilteredHow {
  readonly filtering: Filtering;
  readonly entrance: Entrance;
}

function filteredBy(
  filters: readonly RouteFilter[],
  entry: RouteEntry,
  { filtering, entrance }: FilteredHow,
): Filtered {
  const answers: ConditionalAnswer[] = [];
  const edits: Edit[] = [];
  /** A rewritten hostname counts, whatever Host the headers are given. */
  const hosts: Edit[] = [];
  const mirrors: Mirrored[] = [];
  const assumed: Assumption[] = [];
  const because = (filter: RouteFilter): Because => written(entry.route.manifest, filter.kind, ...filter.at);
  for (const filter of filters) {
    const answer = filtering.refusal(filter, entry.route.kind);
    if (answer === null) continue;
    const refused = { when: { method: null, headers: [] }, answer, because: because(filter) };
    return { answers: [refused], isEnded: true, edits, mirrors, assumed };
  }
  for (const filter of filters) {
    switch (filter.kind) {
      case 'RequestHeaderModifier':
        edits.push(...filtering.headers(filter.change));
        break;
      case 'ResponseHeaderModifier':
        break;
      case 'URLRewrite':
        if (filter.hostname !== null) hosts.push({ kind: 'host', to: [filter.hostname] });
        if (filter.path !== null) edits.push(...pathEdit(filtering.rewritten(filter.path, entry.written.path)));
        break;
      case 'RequestMirror':
        mirrors.push({ backend: filter.backend, share: shareOf(filter.share) });
        break;
      case 'RequestRedirect': {
        const location = filtering.location(filter, entry.written.path, entrance);
        const answer = { kind: 'answer', reason: 'redirect', status: filter.status, location, text: '' } as const;
        answers.push({ when: { method: null, headers: [] }, answer, because: because(filter) });
        return { answers, isEnded: true, edits, mirrors, assumed };
      }
      case 'CORS':
        answers.push(...preflight(filter, entry).map((each) => ({ ...each, because: because(filter) })));
        break;
      case 'other':
        assumed.push({
          id: `filter:${filter.name}`,
          text: `filter ${filter.name} is the implementation's own: taken to let the request pass as it is`,
        });
        break;
      default:
        filter satisfies never;
    }
  }
  return { answers, isEnded: false, edits: [...edits, ...hosts], mirrors, assumed };
}

function shareOf([numerator, denominator]: readonly [number, number]): Fraction {
  return denominator <= 0 ? new Fraction(1) : new Fraction(Math.max(0, Math.min(numerator, denominator)), denominator);
}

function pathEdit(to: LocationTemplate | null): Edit[] {
  return to === null ? [] : [{ kind: 'path', to, escaped: null }];
}

/** What the filters come to by an implementation's ways. */
function filteringBy(ways: Ways): Filtering {
  return {
    refusal: (filter) => {
      const fault = filter.kind === 'RequestHeaderModifier' ? ways.headerFault(filter.change) : null;
      return fault === null
        ? null
        : { kind: 'answer', reason: 'refused-rule', status: 500, location: null, text: fault };
    },
    headers: (change) => {
      const host = ways.headerHost(change);
      const steps = ways.headerSteps(change).map((step): Edit => ({ kind: 'headers', change: step }));
      return host === null ? steps : [...steps, { kind: 'host', to: [host] }];
    },
    rewritten: (change, path) => {
      const to = ways.rewrittenPath(change, prefixOf(path));
      return to === null ? null : [to];
    },
    location: (filter, path, entrance) => [
      `${filter.scheme ?? entrance.scheme}://`,
      ...ways.redirectedHost(filter, entrance),
      ...ways.redirectedPath(filter.path, prefixOf(path)),
    ],
  };
}

/** The prefix that a match takes; null for one of another kind. */
function prefixOf(path: WrittenPath): string | null {
  return path.kind === 'PathPrefix' ? path.value : null;
}

/** A browser's preflight request, of which an origin that may ask hears more than others. */
function preflight(
  { origins }: Extract<RouteFilter, { kind: 'CORS' }>,
  { match: { method } }: RouteEntry,
): Pick<ConditionalAnswer, 'when' | 'answer'>[] {
  if (method !== null && method !== 'OPTIONS') return [];
  const of = (match: TextMatch): ConditionalAnswer['when'] => ({
    method: 'OPTIONS',
    headers: [
      { name: 'origin', match },
      { name: 'access-control-request-method', match: { kind: 'present' } },
    ],
  });
  const answer = { kind: 'answer', status: 204, location: null, text: '' } as const;
  return [
    ...origins.map((origin) => ({ when: of(originMatch(origin)), answer: { ...answer, reason: 'cors' } as const })),
    { when: of({ kind: 'present' }), answer: { ...answer, reason: 'cors-refused' } as const },
  ];
}

/** `*` stands for any number of labels to its left. */
function originMatch(allowed: string): TextMatch {
  if (allowed === '*') return { kind: 'present' };
  const [scheme = '', host = ''] = allowed.split('://');
  if (!host.startsWith('*')) return { kind: 'exact', text: allowed };
  const expression = `${literal(scheme)}://.*${literal(host.slice(1))}`;
  return { kind: 'expression', expression, dialect: 'RE2', ignoresCase: false, anchors: 'both' };
}
