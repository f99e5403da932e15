import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { haproxy } from '../../../shared/network/ingress/haproxy.ts';
import { checkGolden, type Golden } from '../golden.ts';

const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8'));

test.each(golden.cases)('$name', (each) => checkGolden(haproxy, golden, each));

test(`the cases of ${golden.repository} ${golden.version} are all here`, () => {
  expect(golden.cases).toHaveLength(29);
});

// What its code says beside its tests: pkg/route/route.go, pkg/haproxy/maps.
test('a text prefix loses its slash, and of two rules alike the first by its backend answers', () => {
  checkGolden(haproxy, golden, {
    name: '',
    file: 'pkg/route/route.go',
    test: 'AddHostPathRoute',
    ingresses: [
      {
        name: 'a',
        rules: [['a.example', ['/foo/', 'ImplementationSpecific', 'text:80'], ['/same', 'Prefix', 'b:80']]],
      },
      { name: 'b', rules: [['a.example', ['/same', 'Prefix', 'a:80']]] },
    ],
    requests: [
      ['http://a.example/foo', 'text:80'],
      ['http://a.example/foobar', 'text:80'],
      ['http://a.example/same/x', 'a:80'],
    ],
  });
});
