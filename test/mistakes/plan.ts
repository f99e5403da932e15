import { once } from '../../shared/cluster/once.ts';
import { originsOf } from '../../shared/built/origins.ts';
import { folderOf, isKustomization } from '../../shared/manifest/fileNames.ts';
import { parseFile, problemsOf } from '../../shared/manifest/parseFile.ts';
import { lineStartsOf, positionIn } from '../../shared/manifest/position.ts';
import { textAt } from '../../shared/manifest/value.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { type Repository, shared, type Standing } from './corpus.ts';
import { edited, editOf, type TextEdit } from './edit.ts';
import type { Mistake, Spot } from './mistake.ts';
import type { Planting } from './planting.ts';

/** As many folders as each mistake is made in, where so many have a place for it. */
export const enough = 20;

/** Where a mistake is made: in as many folders as there are, then at further places of theirs. */
export function plantingsOf(
  mistake: Mistake,
  objects: readonly Standing[],
  { seed, count }: { readonly seed: number; readonly count: number },
): Planting[] {
  const random = seededRandom(seed ^ numberOf(mistake.name));
  const places = objects
    .filter(({ manifest }) => mistake.kinds.includes(manifest.kind))
    .flatMap((standing) => {
      const { repository, scene } = standing;
      const spot = spotAt(standing, random);
      const found = repository.workspace.ask(() => [...mistake.places(spot)]);
      return found.map((place) => ({ repository, scene, place }));
    });
  const chosen: Planting[] = [];
  const spare: Planting[] = [];
  const folders = new Set<string>();
  const edits = new Set<string>();
  for (const { repository, scene, place } of shuffled(places, random)) {
    if (chosen.length === count) break;
    if (folders.size >= count * 4) break;
    const edit = editOf(repository.workspace, place.change);
    if (
      edit === null ||
      decidesMore(repository, edit) ||
      isNothing(repository, edit) ||
      !isClean({ mistake, repository, place, edit })
    )
      continue;
    // The same base in two overlays is one place.
    const where = `${edit.uri} ${edit.start}`;
    if (edits.has(where)) continue;
    edits.add(where);
    const planting = { mistake, repository, scene, place, edit };
    const folder = folderName(edit.uri);
    if (folders.has(folder)) spare.push(planting);
    else chosen.push(planting);
    folders.add(folder);
  }
  return [...chosen, ...spare.slice(0, count - chosen.length)];
}

/** A folder as its repository knows it: some repositories lie in two corpora. */
export function folderName(uri: string): string {
  const [, , ...rest] = folderOf(uri).slice(shared.length).split('/');
  return rest.join('/');
}

export function spotAt({ scene, manifest }: Standing, random: SeededRandom): Spot {
  const { value } = manifest;
  const { model, isComplete } = scene;
  const borrowed = new Set(scene.set.borrowed);
  const isOwn: Spot['isOwn'] = ({ key }) => !borrowed.has(key);
  return {
    manifest,
    value,
    model,
    isComplete,
    isOwn,
    slip: (...path) => slipped(random, textAt(value, ...path) ?? ''),
  };
}

const origins = once(originsOf);

/** Whether a place decides several fields of one built set: a value that a whole chart takes, a namespace for all. */
function decidesMore({ workspace }: Repository, { uri, start }: TextEdit): boolean {
  return workspace.ask(() => {
    const text = workspace.file(uri)?.text ?? '';
    const at = positionIn(lineStartsOf(text), start);
    return workspace.builtOf(uri).some((set) => origins(set).fieldsAt(uri, at).length > 1);
  });
}

function isNothing({ workspace }: Repository, edit: TextEdit): boolean {
  const text = workspace.ask(() => workspace.file(edit.uri)?.text) ?? '';
  return edited(text, edit) === text;
}

/** Whether what is left can still be read, as far as it should. */
function isClean({ mistake, repository, place, edit }: Omit<Planting, 'scene'>): boolean {
  const file = repository.workspace.ask(() => repository.workspace.file(edit.uri));
  if (file === null || edit.uri.endsWith('.json')) return false;
  const { kind, of } = place.change;
  // A patch that is written in a kustomization is a text there.
  if (isKustomization(edit.uri) && of.uri !== edit.uri && kind !== 'value') return false;
  if (isKustomization(edit.uri) && of.uri !== edit.uri && mistake.rules.includes('yaml-syntax')) return false;
  // A template is no YAML before it is rendered: there a value can be another, and no more.
  if (problemsOf(file).length > 0) return kind === 'value' || kind === 'key';
  if (mistake.rules.some((each) => each.startsWith('yaml-'))) return true;
  return problemsOf(parseFile(edit.uri, edited(file.text, edit), file)).length === 0;
}

function numberOf(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  return items
    .map((item) => ({ item, rank: random.below(1_000_000_000) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/**
 * Two neighbours change places, or a letter is left out, or comes twice: never the first or the last one of a word, and
 * of no short word, which would be another one.
 */
function slipped(random: SeededRandom, text: string): string {
  const inner = [...text.matchAll(/[a-z]{4,}/gi)].flatMap(({ 0: word, index }) =>
    Array.from({ length: word.length - 2 }, (_, at) => index + 1 + at),
  );
  if (inner.length === 0) return text;
  const index = random.pick(inner);
  const [own = '', next = ''] = [text[index], text[index + 1]];
  const swapped = text.slice(0, index) + next + own + text.slice(index + 2);
  const without = text.slice(0, index) + text.slice(index + 1);
  const twice = text.slice(0, index) + own + text.slice(index);
  const isSwap = inner.includes(index + 1) && own !== next && random.below(2) === 0;
  return isSwap ? swapped : random.below(2) === 0 ? without : twice;
}
