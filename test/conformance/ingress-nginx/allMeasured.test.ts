import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answersIn, measured, type MeasuredAnswer, type MeasuredRequest, measuredWith } from './controller.ts';

/** All answers that were measured of ingress-nginx 1.14.5, where they are at hand; `kept.json` holds some of them. */
const files = ['ingress-nginx.json', 'ingress-nginx-random.json'].map(
  (name) => new URL(`../../../../shared/truth/${name}`, import.meta.url),
);

interface MeasuredSet {
  readonly name: string;
  readonly objects: readonly { readonly kind: string }[];
  readonly requests: readonly { readonly request: MeasuredRequest; readonly answer: MeasuredAnswer }[];
}

for (const file of files) {
  const isThere = existsSync(file);
  test.skipIf(!isThere)(`all answers of ${file.pathname.split('/').at(-1)}${isThere ? '' : ': not at hand'}`, () => {
    const sets = JSON.parse(readFileSync(file, 'utf8')) as MeasuredSet[];
    let asked = 0;
    const different = sets.flatMap(({ name, objects, requests }) => {
      // The measuring had no Secret at all.
      const model = measuredWith(objects.filter(({ kind }) => kind !== 'Secret'));
      return requests.flatMap(({ request, answer }) => {
        asked += 1;
        const found = answersIn(model, request);
        return found.includes(measured(answer))
          ? []
          : [`${name} ${JSON.stringify(request)}: measured ${measured(answer)}, traced ${found.join(', ')}`];
      });
    });
    console.log(`${asked - different.length} of ${asked}`);
    expect(different).toEqual([]);
  });
}
