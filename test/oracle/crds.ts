import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFile } from '../../shared/manifest/parseFile.ts';
import {
  judgeCustomResource,
  type SchemaData,
  type Schemas,
  schemasOf,
} from '../../shared/manifest/validation/customResource.ts';
import { type FieldErrorKind, pathText } from '../../shared/manifest/validation/fieldError.ts';
import { isMap, type Value } from '../../shared/manifest/value.ts';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { corpusTexts } from './yaml.ts';
import { crdFolder, crdModules, crdTexts } from './crdModules.ts';
import { buildJudge, isJudgeBuilt, JudgeProgram, said } from './judgeProgram.ts';
import { clusterKinds, randomCustomResource, type RandomResource } from './randomCustomResource.ts';

/**
 * The API server's own code for custom resources, with the CRDs as their modules have them, beside our judgement by
 * `gatewayCrds.json` and `policyCrds.json`: random objects of every kind, version and release have the same fields
 * against them, of the same fault, and break the same rules. What stands beneath a value of another type isn't
 * compared, nor an enumeration's word there: the server goes on, we don't.
 */
const source = { folder: join(import.meta.dirname, 'crds'), name: 'crds-judge' };

export const buildCrds = (): string | null => buildJudge(source);
export const isCrdsBuilt = (): boolean => isJudgeBuilt(source);

const known = crdModules.map(({ file }): SchemaData => JSON.parse(readFileSync(join(crdFolder, file), 'utf8')));
const messages = [...new Set(known.flatMap(({ rules }) => rules.map((each): string => JSON.parse(each)[1])))];

/** A kind of a release: `v1.7.0 experimental gateway.networking.k8s.io/v1 HTTPRoute`. */
export interface Question {
  readonly release: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly root: number;
  readonly schemas: Schemas;
}

export const questions: readonly Question[] = known.map(schemasOf).flatMap((schemas) =>
  schemas.releases.flatMap(({ version, channel, roots }) =>
    [...roots].map(([name, root]) => {
      const [apiVersion = '', kind = ''] = name.split(' ');
      return { release: `${version} ${channel}`, apiVersion, kind, root, schemas };
    }),
  ),
);

interface Answer {
  readonly kinds?: number;
  readonly errors?: readonly { readonly field: string; readonly type: string; readonly detail: string }[];
}

export class CrdJudge {
  readonly #program = new JudgeProgram<Answer>(source);

  async learn(): Promise<void> {
    for (const { module, releases } of crdModules)
      for (const release of releases) {
        const definitions = crdTexts(module, release);
        await this.#program.ask({ release: `${release.version} ${release.channel}`, definitions });
      }
  }

  async errors({ release }: Question, object: object): Promise<string[]> {
    const found = said((await this.#program.ask({ release, object })).errors);
    return inOrder(
      found
        .map(({ field, ...each }) => ({ field: field === '<nil>' ? placeIn(each.detail) : field, ...each }))
        // Said without a place: that the rules weren't come to, and that an address is of no kind, which is said again.
        .filter(({ field }) => field !== '')
        .map(({ field, type, detail }): Said => {
          const message = messages.find((each) => detail === each || detail.endsWith(`evaluating rule: ${each}`));
          const kind = kindsOf[type];
          if (kind === undefined) throw new Error(`no kind ${type}`);
          return {
            path: field.replaceAll(/^\.|"/g, ''),
            kind,
            said: kind === 'Invalid' ? (message ?? '') : '',
            detail,
          };
        }),
    );
  }

  close(): void {
    this.#program.close();
  }
}

/** Of a number that the format hasn't, the place stands in the words. */
function placeIn(detail: string): string {
  return /^Checked value must be of type integer with format int32 in (.+)$/.exec(detail)?.[1] ?? '';
}

interface Said {
  readonly path: string;
  readonly kind: FieldErrorKind;
  /** A rule's message. */
  readonly said: string;
  readonly detail: string;
}

const kindsOf: Readonly<Record<string, FieldErrorKind>> = {
  FieldValueRequired: 'Required',
  FieldValueInvalid: 'Invalid',
  FieldValueNotSupported: 'NotSupported',
  FieldValueDuplicate: 'Duplicate',
  FieldValueTooMany: 'TooMany',
  FieldValueTooLong: 'TooLong',
  FieldValueTypeInvalid: 'WrongType',
  UnknownField: 'UnknownField',
};

export function ownErrors({ root, schemas }: Question, object: object): string[] {
  const [document] = parseFile('object.json', JSON.stringify(object)).documents;
  const value = document?.content.value;
  if (value === null || value === undefined) throw new Error('no object');
  const { faults, broken, isBlocked } = judgeCustomResource(value, root, schemas);
  return inOrder([
    ...faults.errors.map(({ path, kind, detail }): Said => ({ path: pathText(path), kind, said: '', detail })),
    ...(isBlocked ? [] : broken).map(({ path, rule }): Said => ({
      path: pathText(path),
      kind: 'Invalid',
      said: rule.message,
      detail: '',
    })),
  ]);
}

function inOrder(all: readonly Said[]): string[] {
  const wrong = all.filter(({ kind }) => kind === 'WrongType').map(({ path }) => path);
  const isBeneath = (path: string): boolean =>
    wrong.some((each) => path !== each && path.startsWith(each) && /^[.[]/.test(path.slice(each.length)));
  const told = all
    .filter(({ path, kind }) => !isBeneath(path) && (kind === 'WrongType' || !wrong.includes(path)))
    // The server writes a map's key with a dot or in brackets.
    .map(({ path, kind, said: message }) => `${path.replaceAll(/[[\].]+/g, '/')} ${kind} ${message}`.trim())
    .map((each) => each.replace(/\/ /, ' '));
  return [...new Set(told)].toSorted();
}

/** The objects of these kinds in all manifests beside the project, each with every release that has its kind. */
export function toldObjects(): { readonly question: Question; readonly object: object; readonly path: string }[] {
  return corpusTexts().flatMap(({ path, text }) =>
    parseFile(path, text).manifests.flatMap(({ apiVersion, kind, value }) => {
      if (!isMap(value)) return [];
      const { status: _, ...object } = value;
      return questions
        .filter((each) => each.apiVersion === apiVersion && each.kind === kind)
        .map((question) => ({
          question,
          object: { ...object, metadata: { name: 'web', ...placeOf(question) } },
          path,
        }));
    }),
  );
}

/** The metadata are judged elsewhere. */
function placeOf({ kind }: Question): object {
  return clusterKinds.has(kind) ? {} : { namespace: 'default' };
}

export function objectOf(question: Question, seed: number): RandomResource {
  return randomCustomResource(seededRandom(seed), question);
}

export async function crdDisagreement(judge: CrdJudge, question: Question, object: object): Promise<string | null> {
  const [ours, theirs] = [ownErrors(question, object), await judge.errors(question, object)];
  return ours.join('\n') === theirs.join('\n')
    ? null
    : `--- Hoplens\n${ours.join('\n')}\n--- API server\n${theirs.join('\n')}\n--- of\n${JSON.stringify(object)}`;
}

const keptOfEach = 8;

/** Asks about so many objects of each kind; with KEEP=1 the first answers are kept for `npm test`. */
export async function askCrds(count: number): Promise<number> {
  const problem = buildCrds();
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const first = Number(process.env.SEED ?? 1);
  const judge = new CrdJudge();
  await judge.learn();
  const kept: unknown[] = [];
  const heard = new Set<string>();
  let differing = 0;
  for (const question of questions.filter(({ kind }) => (process.env.KIND ?? kind) === kind)) {
    const name = `${question.release} ${question.apiVersion} ${question.kind}`;
    let refused = 0;
    let agreed = 0;
    for (let seed = first; seed < first + count; seed++) {
      const object = objectOf(question, seed);
      const found = await crdDisagreement(judge, question, object);
      if (found !== null) {
        const { spec } = object;
        const differs = async (candidate: { spec: Value }): Promise<boolean> =>
          (await crdDisagreement(judge, question, { ...object, ...candidate })) !== null;
        const smallest = spec === undefined ? object : { ...object, ...(await shrink({ spec }, differs)) };
        console.log(
          `${name}, seed ${seed}:\n${await crdDisagreement(judge, question, smallest)}\n` +
            `To replay: KIND=${question.kind} SEED=${seed} npm run oracle -- crds 1`,
        );
        differing++;
        break;
      }
      agreed++;
      const errors = ownErrors(question, object);
      for (const error of errors) heard.add(error.replace(/^\S* \w+ ?/, ''));
      if (errors.length > 0) refused++;
      if (seed < first + keptOfEach) kept.push([name, seed, errors]);
    }
    console.log(`${name}: ${agreed} of ${count} objects are judged alike, ${refused} of them are refused`);
  }
  judge.close();
  const unheard = messages.filter((each) => !heard.has(each));
  console.log(`${messages.length - unheard.length} of ${messages.length} rules were broken by some object`);
  for (const each of unheard) console.log(`  never: ${each}`);
  if (process.env.KEEP === '1')
    writeFileSync(
      join(import.meta.dirname, 'crds.json'),
      `{ "version": "k8s.io/apiextensions-apiserver v0.36.3",\n"objects": [\n${kept
        .map((each) => JSON.stringify(each))
        .join(',\n')}\n] }\n`,
    );
  return differing === 0 ? 0 : 1;
}
