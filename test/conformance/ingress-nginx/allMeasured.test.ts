import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sameItems } from '../../../shared/cluster/listChanges.ts';
import { answersIn, couldBe, measured, type MeasuredAnswer, type MeasuredRequest, measuredWith } from './controller.ts';

/** All answers that were measured of ingress-nginx 1.14.5, where they are at hand; `kept.json` holds some of them. */
const files = [
  { name: 'ingress-nginx.json', count: 324 },
  { name: 'ingress-nginx-random.json', count: 2688 },
].map(({ name, count }) => ({ name, count, file: new URL(`../../../../shared/truth/${name}`, import.meta.url) }));

interface MeasuredSet {
  readonly name: string;
  readonly objects: readonly { readonly kind: string }[];
  readonly requests: readonly { readonly request: MeasuredRequest; readonly answer: MeasuredAnswer }[];
}

for (const { name: of, count, file } of files) {
  const isThere = existsSync(file);
  test.skipIf(!isThere)(`all ${count} answers of ${of}${isThere ? '' : ': not at hand'}`, () => {
    const sets = JSON.parse(readFileSync(file, 'utf8')) as MeasuredSet[];
    const different = sets.flatMap(({ name, objects, requests }) => {
      // The measuring had no Secret at all.
      const model = measuredWith(objects.filter(({ kind }) => kind !== 'Secret'));
      return requests.flatMap(({ request, answer }) => {
        const found = answersIn(model, request);
        return sameItems(found, couldBe(model, measured(answer), found))
          ? []
          : [`${name} ${JSON.stringify(request)}: measured ${measured(answer)}, traced ${found.join(', ')}`];
      });
    });
    expect(sets.flatMap(({ requests }) => requests)).toHaveLength(count);
    expect(different).toEqual([]);
  });
}
