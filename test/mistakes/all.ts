import { inGateways } from './gateways.ts';
import { inIngresses } from './ingresses.ts';
import type { Mistake } from './mistake.ts';
import { inPolicies } from './policies.ts';
import { inServices } from './services.ts';
import { inSources } from './sources.ts';
import { inTexts } from './texts.ts';
import { inWorkloads } from './workloads.ts';

/** Every mistake that is made: what Hoplens finds. */
export const mistakes: readonly Mistake[] = [
  ...inServices,
  ...inWorkloads,
  ...inIngresses,
  ...inGateways,
  ...inPolicies,
  ...inTexts,
  ...inSources,
];
