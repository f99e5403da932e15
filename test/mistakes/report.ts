import type { Finding } from '../../shared/insight/rule.ts';
import { shared } from './corpus.ts';
import { edited } from './edit.ts';
import type { Mistake } from './mistake.ts';
import { folderName } from './plan.ts';
import type { Outcome } from './planting.ts';

/** So many of a hundred mistakes must be found, with nothing else new. */
const leastFound = 0.97;

export function isPassed(all: readonly Outcome[]): boolean {
  const outcomes = all.filter(({ isFilled }) => !isFilled);
  const good = outcomes.filter(({ found, strays }) => found !== null && strays.length === 0).length;
  return good >= leastFound * outcomes.length && outcomes.every(({ notUndone }) => notUndone.length === 0);
}

const mostShown = 3;

/** A line for a mistake, and below it where something went wrong. */
export function report({ name }: Mistake, all: readonly Outcome[], seed: number): string {
  const outcomes = all.filter(({ isFilled }) => !isFilled);
  const folders = new Set(outcomes.map(({ planting: { edit } }) => folderName(edit.uri))).size;
  const missed = outcomes.filter(({ found }) => found === null);
  const astray = outcomes.filter(({ strays }) => strays.length > 0);
  const notUndone = outcomes.filter((each) => each.notUndone.length > 0);
  const counts = [
    `${outcomes.length - missed.length} of ${outcomes.length} in ${folders} folders`,
    ...(missed.length > 0 ? [`${missed.length} missed`] : []),
    ...(astray.length > 0 ? [`${astray.length} with strays`] : []),
    ...(notUndone.length > 0 ? [`${notUndone.length} not undone`] : []),
  ];
  const wrong = [...new Set([...missed, ...astray, ...notUndone])];
  return [
    `${name}: ${counts.join(', ')}`,
    ...wrong.flatMap(wrongLines),
    ...(wrong.length > 0 ? [`  again: npm run mistakes -- --seed ${seed} --kind ${JSON.stringify(name)}`] : []),
  ].join('\n');
}

export function summary(all: readonly Outcome[]): string {
  const outcomes = all.filter(({ isFilled }) => !isFilled);
  const found = outcomes.filter((each) => each.found !== null).length;
  const strays = outcomes.reduce((sum, each) => sum + each.strays.length, 0);
  const elsewhere = outcomes.reduce((sum, each) => sum + each.elsewhere.length, 0);
  const notUndone = outcomes.filter((each) => each.notUndone.length > 0).length;
  const share = outcomes.length === 0 ? 0 : (100 * found) / outcomes.length;
  const kinds = new Set(outcomes.map(({ planting }) => planting.mistake)).size;
  return (
    `${kinds} mistakes, ${outcomes.length} times: ${found} found (${share.toFixed(1)} of 100), ` +
    `${strays} strays, ${elsewhere} told in other sets, ${notUndone} not undone. ` +
    `${all.length - outcomes.length} times another object of the name was taken from beside.`
  );
}

function wrongLines({ planting, line, found, strays, elsewhere, notUndone }: Outcome): string[] {
  const { edit, repository } = planting;
  const text = repository.workspace.file(edit.uri)?.text ?? '';
  const [before, now] = [text, edited(text, edit)].map((each) => each.split('\n')[line]?.trim() ?? '');
  return [
    `  ${nameOf(edit.uri)}:${line + 1}  ${before} → ${now}`,
    ...(found === null ? ['    missed'] : []),
    ...strays.slice(0, mostShown).map((each) => `    ${found === null ? 'instead' : 'stray'}: ${findingText(each)}`),
    ...(strays.length > mostShown ? [`    and ${strays.length - mostShown} more`] : []),
    ...elsewhere.slice(0, found === null ? mostShown : 0).map((each) => `    elsewhere: ${findingText(each)}`),
    ...notUndone.map((uri) => `    not undone: ${nameOf(uri)}`),
  ];
}

function findingText({ rule, severity, message, site: { uri, range } }: Finding): string {
  return `${nameOf(uri)}:${range.start.line + 1} ${severity} ${rule}: ${message}`;
}

function nameOf(uri: string): string {
  return uri.slice(shared.length + 1);
}
