import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkGoldenGateway, type GoldenGateway } from './goldenGateway.ts';

describe.each([['nginx-gateway-fabric', 'nginx', 125]] as const)('%s', (folder, gatewayClass, count) => {
  const golden: GoldenGateway = JSON.parse(readFileSync(join(import.meta.dirname, folder, 'cases.json'), 'utf8'));

  test.each(golden.cases)('$test: $name', (each) => checkGoldenGateway(gatewayClass, each));

  test(`${count} cases are of ${golden.repository} ${golden.version}`, () => {
    expect(golden.cases).toHaveLength(count);
    expect(golden.cases.filter(({ requests }) => requests.length === 0)).toEqual([]);
  });
});
