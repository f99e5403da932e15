import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { iptablesRules } from '../../shared/network/kubeProxy/iptablesRules.ts';
import { digest } from './compare.ts';
import { randomModel } from './randomModel.ts';

/** What kube-proxy's own packages answered, kept by `KEEP=1 npm run oracle`. */
const kept: { version: string; answers: readonly (readonly [number, string])[] } = JSON.parse(readFileSync(join(import.meta.dirname, 'agreement.json'), 'utf8'));

test(`the iptables rules of ${kept.answers.length} random clusters are those of kube-proxy ${kept.version}`, () => {
  const disagreeing = kept.answers.filter(([seed, theirs]) => {
    const { model, node } = randomModel(seed);
    return digest(iptablesRules(model, node, 'IPv4')) !== theirs;
  });
  expect(disagreeing.map(([seed]) => `SEED=${seed} COUNT=1 npm run oracle`)).toEqual([]);
});
