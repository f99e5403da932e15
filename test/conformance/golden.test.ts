import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alb } from '../../shared/network/ingress/alb.ts';
import { haproxy } from '../../shared/network/ingress/haproxy.ts';
import { kong } from '../../shared/network/ingress/kong.ts';
import { nginxInc } from '../../shared/network/ingress/nginxInc.ts';
import { checkGolden, type Golden } from './golden.ts';

describe.each([
  ['kong', kong, 53],
  ['haproxy', haproxy, 29],
  ['nginx-ingress', nginxInc, 57],
  ['aws-load-balancer', alb, 32],
] as const)('%s', (folder, dialect, count) => {
  const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, folder, 'cases.json'), 'utf8'));

  test.each(golden.cases)('$name', (each) => checkGolden(dialect, golden, each));

  test(`${count} cases are of ${golden.repository} ${golden.version}`, () => {
    expect(golden.cases).toHaveLength(count);
    expect(golden.cases.filter(({ requests }) => requests.length === 0)).toEqual([]);
  });
});

// What its code says beside its tests: pkg/route/route.go, pkg/haproxy/maps.
test("HAProxy's: a text prefix loses its slash, and of two rules alike the first by its backend answers", () => {
  const golden = { prefix: 'haproxy.org/' };
  checkGolden(haproxy, golden, {
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
