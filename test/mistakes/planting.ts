import { type Finding, severities } from '../../shared/insight/rule.ts';
import type { BuildPlan } from '../../shared/built/builtSet.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import { lineStartsOf, positionIn, type Site } from '../../shared/manifest/position.ts';
import { type Repository, saidNow } from './corpus.ts';
import { edited, lineAfter, type TextEdit } from './edit.ts';
import type { Mistake, Place } from './mistake.ts';

/** A mistake at one place of a repository. */
export interface Planting {
  readonly mistake: Mistake;
  readonly repository: Repository;
  /** The set that the object is in. */
  readonly scene: Scene;
  readonly place: Place;
  readonly edit: TextEdit;
}

/** What came of making it and mending it again. */
export interface Outcome {
  readonly planting: Planting;
  /** The line, from 0, that was changed. */
  readonly line: number;
  readonly found: Finding | null;
  /** What else is said in the set that wasn't before. */
  readonly strays: readonly Finding[];
  /** What is said in other sets, whose objects are told what becomes of them. */
  readonly elsewhere: readonly Finding[];
  /** The files of which something else is said than before the mistake, though it is mended. */
  readonly notUndone: readonly string[];
}

/** Makes a mistake in the living workspace, looks at what is said, and mends it. */
export async function planted(planting: Planting): Promise<Outcome> {
  const { mistake, repository, edit } = planting;
  const { workspace, watched, stale } = repository;
  const before = workspace.file(edit.uri)?.text ?? '';
  const lines = lineStartsOf(before);
  const line = positionIn(lines, edit.start).line;
  const moved = lineAfter(before, edit);
  const expected = expectedSites(planting, line);
  const own = filesOf(planting);
  await put(repository, edit.uri, edited(before, edit));
  const touched = new Set(stale);
  const fresh = newOf(
    [...touched].flatMap((uri) => watched.get(uri)?.said ?? []),
    [...touched].flatMap((uri) => watched.get(uri)?.findings.get() ?? []),
    ({ uri, range }) => (uri === edit.uri ? moved(range.start.line) : range.start.line),
  );
  const isDue = (finding: Finding): boolean =>
    mistake.rules.includes(finding.rule) &&
    severities.indexOf(finding.severity) <= severities.indexOf(mistake.least) &&
    // What several places have to do with is told at one of them and names the others.
    expected.some((at) => sitesOf(finding).some((site) => isAt(site, at, moved, edit.uri)));
  const found = fresh.find(isDue) ?? null;
  const others = fresh.filter((each) => each.isNew && !isDue(each) && !isTheOther(each, found));
  const strays = others.filter(({ site }) => own.has(site.uri));
  stale.clear();
  await put(repository, edit.uri, before);
  const notUndone = [...touched, ...stale].filter((uri) => {
    const now = watched.get(uri);
    return now !== undefined && saidNow(now) !== now.saidInFull;
  });
  stale.clear();
  return {
    planting,
    line,
    found,
    strays,
    elsewhere: others.filter(({ site }) => !own.has(site.uri)),
    notUndone: [...new Set(notUndone)],
  };
}

/** The files that the set stands in. */
function filesOf({ repository: { workspace }, scene }: Planting): ReadonlySet<string> {
  const { kind, root, uris } = scene.set;
  return new Set(kind === 'built' ? workspace.builtAt(root)?.sources : uris);
}

async function put({ workspace, builder, folder }: Repository, uri: string, text: string): Promise<void> {
  const reached = rootsOf();
  workspace.put(uri, text);
  folder.changed.set(uri, text);
  const roots = new Set([...reached, ...rootsOf()]);
  const plans: readonly BuildPlan[] = roots.size === 0 ? [] : workspace.ask(() => workspace.plans());
  for (const plan of plans) if (roots.has(plan.root)) workspace.putBuild(plan, await builder.build(plan));
  workspace.settle();

  function rootsOf(): readonly string[] {
    return workspace.ask(() => [
      ...workspace.rootsReaching(uri),
      ...workspace.builtOf(uri).map(({ plan }) => plan.root),
    ]);
  }
}

type Lines = (line: number) => number | null;

/** The lines at which it may be told, before the edit, or those that the edit writes. */
interface Expected {
  readonly uri: string;
  readonly from: number;
  readonly to: number;
  readonly isNew: boolean;
}

function expectedSites({ repository: { workspace }, place, edit }: Planting, line: number): Expected[] {
  const { change, at } = place;
  const added = edit.text.split('\n').length - 1;
  const own = { uri: edit.uri, from: line, to: line + added, isNew: true };
  const fields = at ?? (change.kind === 'gone' ? [around(change)] : []);
  const sites = fields.flatMap((field) => workspace.ask(() => workspace.siteOf(field)) ?? []);
  const named = sites.map(({ uri, range }) => ({ uri, from: range.start.line, to: range.end.line, isNew: false }));
  return at === undefined ? [own, ...named] : named;
}

function around({ of, path }: Extract<Place['change'], { kind: 'gone' }>): NonNullable<Place['at']>[number] {
  return { object: of.key, path: path.slice(0, -1), part: 'value' };
}

function isAt({ uri, range }: Site, expected: Expected, moved: Lines, editedUri: string): boolean {
  if (uri !== expected.uri) return false;
  const isMoved = !expected.isNew && uri === editedUri;
  const from = isMoved ? (moved(expected.from) ?? expected.from) : expected.from;
  const to = isMoved ? (moved(expected.to) ?? expected.to) : expected.to;
  // A value of several lines is underlined as a whole.
  return range.start.line <= to && (range.end.line >= from || range.start.line >= from);
}

function sitesOf({ site, related }: Finding): Site[] {
  return [site, ...related.map((each) => each.site)];
}

/** Of two definitions that exclude each other each says so, and names the other. */
function isTheOther(stray: Finding, found: Finding | null): boolean {
  return (
    stray.rule === found?.rule &&
    [
      ...stray.related.map(({ site }) => [site, found.site]),
      ...found.related.map(({ site }) => [site, stray.site]),
    ].some(([a, b]) => a?.uri === b?.uri && a?.range.start.line === b?.range.start.line)
  );
}

/** What is said now and wasn't before; `isNew` unless it is only said in other words, or of another place. */
function newOf(
  before: readonly Finding[],
  now: readonly Finding[],
  lineNow: (site: Site) => number | null,
): (Finding & { readonly isNew: boolean })[] {
  const placeOf = ({ rule, site }: Finding, line: number | null): string => `${rule} ${site.uri}:${line}`;
  const wordsOf = ({ rule, severity, message }: Finding): string =>
    `${rule} ${severity} ${message.replace(/ \(The same in .*\)$/, '')}`;
  const then = before.map((each) => ({ place: placeOf(each, lineNow(each.site)), words: wordsOf(each) }));
  const known = new Set(then.map(({ place, words }) => `${place} ${words}`));
  const fresh = now
    .map((finding) => ({ finding, place: placeOf(finding, finding.site.range.start.line), words: wordsOf(finding) }))
    .filter(({ place, words }) => !known.has(`${place} ${words}`));
  const still = new Set(now.map((each) => `${placeOf(each, each.site.range.start.line)} ${wordsOf(each)}`));
  const gone = then.filter(({ place, words }) => !still.has(`${place} ${words}`));
  return fresh.map(({ finding, place, words }) => {
    const same = gone.findIndex((each) => each.place === place || each.words === words);
    if (same !== -1) gone.splice(same, 1);
    return { ...finding, isNew: same === -1 };
  });
}
