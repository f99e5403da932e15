import Fraction from 'fraction.js';
import { type Assumption, type Because, written } from '../../cluster/because.ts';
import type { RouteBackend, WrittenPath } from '../../cluster/gatewayApi/route.ts';
import type { RouteFilter } from '../../cluster/gatewayApi/routeFilter.ts';
import { literal, type TextMatch } from '../match.ts';
import type { Edit } from '../routing/edits.ts';
import type { LocationTemplate } from '../routing/location.ts';
import type { Answer, RouteMatch, TableRoute } from '../routing/routeTable.ts';
import type { Entrance, Filtering, Mirrored } from './filtering.ts';
import type { RouteEntry } from './routeEntry.ts';
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
  const filtered = filteredBy(entry.rule.filters, entry, { filtering, entrance, ways });
  const answers = filtered.answers.map((each): TableRoute<Of, WeightedRouteBackend> => ({
    match: { ...match, method: each.when.method ?? match.method, headers: [...match.headers, ...each.when.headers] },
    action: each.answer,
    of,
    because: [...because, each.because],
    assumed: [],
    ...common,
  }));
  if (filtered.isEnded) return answers;
  const to = weighted(entry, filtered, { filtering, ways });
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

function weighted(
  entry: RouteEntry,
  { mirrors }: Filtered,
  { filtering, ways }: Omit<FilteredHow, 'entrance'>,
): WeightedRouteBackend[] {
  const { route, rule } = entry;
  const shares = ways.shares(rule.backends.map(({ weight }) => weight));
  return rule.backends.flatMap((backend, index): WeightedRouteBackend[] => {
    const share = shares[index];
    if (share === undefined || share.equals(0)) return [];
    const [refused] = ways.backendFilters === 'refused' ? backend.filters : [];
    const because = refused === undefined ? null : written(route.manifest, refused.kind, ...refused.at);
    if (because !== null) return [{ ...unfiltered, backend, share, answer: { answer: noFilters, because } }];
    const entrance = { scheme: 'http', port: backend.port } as const;
    const own = filteredBy(backend.filters, entry, { filtering, entrance, ways });
    const last = own.isEnded ? own.answers.at(-1) : undefined;
    return [
      {
        backend,
        share,
        edits: own.edits,
        mirrors: [...mirrors, ...own.mirrors],
        assumed: own.assumed,
        answer: last === undefined ? null : { answer: last.answer, because: last.because },
      },
    ];
  });
}

const unfiltered = { edits: [], mirrors: [], assumed: [] } as const;

const noFilters: Answer = {
  kind: 'answer',
  reason: 'refused-rule',
  status: 500,
  location: null,
  text: 'it takes no filters of a backend',
};

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
  readonly ways: Ways;
}

function filteredBy(
  filters: readonly RouteFilter[],
  entry: RouteEntry,
  { filtering, entrance, ways }: FilteredHow,
): Filtered {
  const answers: ConditionalAnswer[] = [];
  const edits: Edit[] = [];
  /** A rewrite of the Host comes after what is set as a header. */
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
        if (filter.path !== null) edits.push(...pathEdit(filtering.rewritten(filter.path, entry.written.path), ways));
        break;
      case 'RequestMirror':
        mirrors.push({ backend: filter.backend, share: filtering.mirrored(shareOf(filter.share)) });
        break;
      case 'RequestRedirect': {
        const location = filtering.location(filter, entry.written.path, entrance);
        const answer = { kind: 'answer', reason: 'redirect', status: filter.status, location, text: '' } as const;
        answers.push({ when: { method: null, headers: [] }, answer, because: because(filter) });
        return { answers, isEnded: true, edits, mirrors, assumed };
      }
      case 'CORS':
        answers.push(...preflight(filter, entry, ways).map((each) => ({ ...each, because: because(filter) })));
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
  return { answers, isEnded: false, edits: [...edits, ...hosts], mirrors: ways.copies(mirrors), assumed };
}

function shareOf([numerator, denominator]: readonly [number, number]): Fraction {
  return denominator <= 0 ? new Fraction(1) : new Fraction(Math.max(0, Math.min(numerator, denominator)), denominator);
}

function pathEdit(to: LocationTemplate | null, { escapes }: Ways): Edit[] {
  return to === null ? [] : [{ kind: 'path', to, escaped: escapes }];
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
      const host = ways.hostSet(change);
      const steps = ways.headerSteps(change).map((step): Edit => ({ kind: 'headers', change: step }));
      return host === null ? steps : [...steps, { kind: 'host', to: [host] }];
    },
    mirrored: (share) => (ways.mirrored === 'all' ? new Fraction(1) : share),
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

/** A browser's preflight request, of which an origin that may ask hears more than others; or every OPTIONS. */
function preflight(
  { origins }: Extract<RouteFilter, { kind: 'CORS' }>,
  { match: { method } }: RouteEntry,
  { preflights }: Ways,
): Pick<ConditionalAnswer, 'when' | 'answer'>[] {
  if (method !== null && method !== 'OPTIONS') return [];
  const of = (match: TextMatch): ConditionalAnswer['when'] => ({
    method: 'OPTIONS',
    headers: [
      { name: 'origin', match },
      ...(preflights.of === 'browsers' ? [{ name: 'access-control-request-method', match: present }] : []),
    ],
  });
  const answer = { kind: 'answer', status: preflights.status, location: null, text: '' } as const;
  const noBrowser = { ...answer, reason: 'refused-request', text: everyOptions(preflights.status) } as const;
  return [
    ...origins.map((origin) => ({ when: of(originMatch(origin)), answer: { ...answer, reason: 'cors' } as const })),
    { when: of(present), answer: { ...answer, reason: 'cors-refused' } as const },
    ...(preflights.of === 'browsers' ? [] : [{ when: { method: 'OPTIONS', headers: [] }, answer: noBrowser }]),
  ];
}

const present: TextMatch = { kind: 'present' };

function everyOptions(status: number): string {
  return `By its filter for CORS the rule answers every OPTIONS itself, with ${status}.`;
}

/** `*` stands for any number of labels to its left. */
function originMatch(allowed: string): TextMatch {
  if (allowed === '*') return { kind: 'present' };
  const [scheme = '', host = ''] = allowed.split('://');
  if (!host.startsWith('*')) return { kind: 'exact', text: allowed };
  const expression = `${literal(scheme)}://.*${literal(host.slice(1))}`;
  return { kind: 'expression', expression, dialect: 'RE2', ignoresCase: false, anchors: 'both' };
}
