import type { Rule } from '../rule.ts';
import { externalTrafficPolicyWithoutMeaning } from './externalTrafficPolicyWithoutMeaning.ts';
import { goneApiVersion } from './goneApiVersion.ts';
import { ingressBackendMissing } from './ingressBackendMissing.ts';
import { ingressClassUnserved } from './ingressClassUnserved.ts';
import { ingressNginxSurprise } from './ingressNginxSurprise.ts';
import { localPolicyDrops } from './localPolicyDrops.ts';
import { nodePortOutOfRange } from './nodePortOutOfRange.ts';
import { nodePortTakenTwice } from './nodePortTakenTwice.ts';
import { portNameMissing } from './portNameMissing.ts';
import { refusedByApiServer } from './refusedByApiServer.ts';
import { samePathTwice } from './samePathTwice.ts';
import { selectorMatchesNoPod } from './selectorMatchesNoPod.ts';
import { sourceRangesWithoutLoadBalancer } from './sourceRangesWithoutLoadBalancer.ts';
import { targetPortNotOffered } from './targetPortNotOffered.ts';

/** Every rule, in the order of the README's table. */
export const rules: readonly Rule[] = [
  selectorMatchesNoPod, targetPortNotOffered, ingressBackendMissing, ingressClassUnserved, samePathTwice, nodePortOutOfRange, nodePortTakenTwice,
  externalTrafficPolicyWithoutMeaning, localPolicyDrops, sourceRangesWithoutLoadBalancer, portNameMissing, goneApiVersion, refusedByApiServer,
  ingressNginxSurprise,
];
