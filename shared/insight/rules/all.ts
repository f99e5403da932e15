import { isCounting } from '../../cluster/declared.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { Found, JudgedSet, Rule } from '../rule.ts';
import { externalTrafficPolicyWithoutMeaning } from './externalTrafficPolicyWithoutMeaning.ts';
import { adminPolicyReplaced } from './adminPolicyReplaced.ts';
import { affinityWithoutClient } from './affinityWithoutClient.ts';
import { aliasLoop } from './aliasLoop.ts';
import { allowListBlind } from './allowListBlind.ts';
import { annotationUnread } from './annotationUnread.ts';
import { budgetProtectsNothing } from './budgetProtectsNothing.ts';
import { certificateForOthers } from './certificateForOthers.ts';
import { clusterIPOutOfRange } from './clusterIPOutOfRange.ts';
import { clusterIPTakenTwice } from './clusterIPTakenTwice.ts';
import { expressionUnreadable } from './expressionUnreadable.ts';
import { gatewayClassMissing } from './gatewayClassMissing.ts';
import { gatewayFeatureUnclaimed } from './gatewayFeatureUnclaimed.ts';
import { goneApiVersion } from './goneApiVersion.ts';
import { headlessIgnores } from './headlessIgnores.ts';
import { hiddenByLabel } from './hiddenByLabel.ts';
import { hostMisspelt } from './hostMisspelt.ts';
import { hostPortMissing } from './hostPortMissing.ts';
import { hostPortTakenTwice } from './hostPortTakenTwice.ts';
import { ingressBackendMissing } from './ingressBackendMissing.ts';
import { ingressClassUnserved } from './ingressClassUnserved.ts';
import { ingressNginxRefuses } from './ingressNginxRefuses.ts';
import { ingressNginxStalls } from './ingressNginxStalls.ts';
import { ingressNginxSurprise } from './ingressNginxSurprise.ts';
import { internalPolicyDrops } from './internalPolicyDrops.ts';
import { ipFamilyNotConfigured } from './ipFamilyNotConfigured.ts';
import { listenerInvalid } from './listenerInvalid.ts';
import { localPolicyHidden } from './localPolicyHidden.ts';
import { localPolicyDrops } from './localPolicyDrops.ts';
import { namedPortDiffers } from './namedPortDiffers.ts';
import { monitorScrapesNothing } from './monitorScrapesNothing.ts';
import { nameMisspelt } from './nameMisspelt.ts';
import { noSuchApiVersion } from './noSuchApiVersion.ts';
import { nodePortOutOfRange } from './nodePortOutOfRange.ts';
import { nodePortTakenTwice } from './nodePortTakenTwice.ts';
import { noReplicas } from './noReplicas.ts';
import { notFollowed } from './notFollowed.ts';
import { noWeight } from './noWeight.ts';
import { otherFamily } from './otherFamily.ts';
import { pathReadsOtherwise } from './pathReadsOtherwise.ts';
import { plainToTlsBackend } from './plainToTlsBackend.ts';
import { podsNotThere } from './podsNotThere.ts';
import { policyBlockMasked } from './policyBlockMasked.ts';
import { policyBlockOfServices } from './policyBlockOfServices.ts';
import { policyCutsIngress } from './policyCutsIngress.ts';
import { policyCutsScrapes } from './policyCutsScrapes.ts';
import { policyCutsWebhook } from './policyCutsWebhook.ts';
import { policyExceptAllowed } from './policyExceptAllowed.ts';
import { policyForHostNetwork } from './policyForHostNetwork.ts';
import { policyShutsOutDns } from './policyShutsOutDns.ts';
import { policyTie } from './policyTie.ts';
import { policyTypeMissing } from './policyTypeMissing.ts';
import { policyNotEnforced } from './policyNotEnforced.ts';
import { policyNotFollowed } from './policyNotFollowed.ts';
import { policyPeersApart } from './policyPeersApart.ts';
import { policyPortNotOffered } from './policyPortNotOffered.ts';
import { policySelectorEmpty } from './policySelectorEmpty.ts';
import { policySelectorUnreadable } from './policySelectorUnreadable.ts';
import { policySelectsNothing } from './policySelectsNothing.ts';
import { portNameMissing } from './portNameMissing.ts';
import { probePortMissing } from './probePortMissing.ts';
import { proxyProtocolOneSided } from './proxyProtocolOneSided.ts';
import { quotesMissing } from './quotesMissing.ts';
import { referenceGrantMissing } from './referenceGrantMissing.ts';
import { refusedByApiServer } from './refusedByApiServer.ts';
import { rewriteDropsRest } from './rewriteDropsRest.ts';
import { refusedByCrd } from './refusedByCrd.ts';
import { routeBackendMissing } from './routeBackendMissing.ts';
import { routeNotAttached } from './routeNotAttached.ts';
import { routeShadowed } from './routeShadowed.ts';
import { sameMatchTwice } from './sameMatchTwice.ts';
import { sameObjectTwice } from './sameObjectTwice.ts';
import { samePathTwice } from './samePathTwice.ts';
import { selectorCopied } from './selectorCopied.ts';
import { selectorMatchesNoPod } from './selectorMatchesNoPod.ts';
import { selectorNotOfTemplate } from './selectorNotOfTemplate.ts';
import { sourceRangesOpen } from './sourceRangesOpen.ts';
import { sourceRangesWithoutLoadBalancer } from './sourceRangesWithoutLoadBalancer.ts';
import { targetPortNotOffered } from './targetPortNotOffered.ts';
import { tlsHostsDiffer } from './tlsHostsDiffer.ts';
import { tlsSecretMissing } from './tlsSecretMissing.ts';
import { tlsPolicyTargetMissing } from './tlsPolicyTargetMissing.ts';

/** Every rule, in the order of the README's table. */
export const rules: readonly Rule[] = [
  selectorMatchesNoPod,
  selectorCopied,
  podsNotThere,
  noReplicas,
  probePortMissing,
  hiddenByLabel,
  targetPortNotOffered,
  namedPortDiffers,
  hostPortTakenTwice,
  ingressBackendMissing,
  ingressClassUnserved,
  samePathTwice,
  routeShadowed,
  nodePortOutOfRange,
  nodePortTakenTwice,
  clusterIPOutOfRange,
  clusterIPTakenTwice,
  ipFamilyNotConfigured,
  otherFamily,
  headlessIgnores,
  externalTrafficPolicyWithoutMeaning,
  localPolicyDrops,
  internalPolicyDrops,
  localPolicyHidden,
  sourceRangesWithoutLoadBalancer,
  sourceRangesOpen,
  proxyProtocolOneSided,
  allowListBlind,
  affinityWithoutClient,
  portNameMissing,
  goneApiVersion,
  noSuchApiVersion,
  refusedByApiServer,
  refusedByCrd,
  selectorNotOfTemplate,
  quotesMissing,
  ingressNginxRefuses,
  ingressNginxStalls,
  annotationUnread,
  ingressNginxSurprise,
  pathReadsOtherwise,
  rewriteDropsRest,
  expressionUnreadable,
  routeNotAttached,
  listenerInvalid,
  routeBackendMissing,
  tlsPolicyTargetMissing,
  plainToTlsBackend,
  referenceGrantMissing,
  noWeight,
  sameMatchTwice,
  gatewayClassMissing,
  gatewayFeatureUnclaimed,
  policySelectsNothing,
  policySelectorEmpty,
  policySelectorUnreadable,
  policyPortNotOffered,
  policyTypeMissing,
  policyPeersApart,
  policyForHostNetwork,
  policyShutsOutDns,
  policyCutsIngress,
  policyCutsScrapes,
  policyCutsWebhook,
  policyBlockMasked,
  policyBlockOfServices,
  policyExceptAllowed,
  policyTie,
  policyNotEnforced,
  policyNotFollowed,
  adminPolicyReplaced,
  tlsSecretMissing,
  tlsHostsDiffer,
  certificateForOthers,
  hostMisspelt,
  hostPortMissing,
  nameMisspelt,
  budgetProtectsNothing,
  monitorScrapesNothing,
  notFollowed,
  aliasLoop,
  sameObjectTwice,
];

/**
 * What the rules find in an object; of a definition that doesn't count, that alone, and of an object that is refused,
 * why.
 */
export function foundAbout(manifest: Manifest, judged: JudgedSet): readonly Found[] {
  if (!isCounting(judged.model.declared, manifest))
    return aboutDefinitions.flatMap((rule) => rule.check(manifest, judged));
  const found: Found[] = [];
  for (const stage of stages) {
    if (found.some(({ severity }) => severity === 'error')) break;
    found.push(...stage.flatMap((rule) => rule.check(manifest, judged)));
  }
  return found;
}

/** Whether the API server or a webhook refuses an object: then what others lack of it is no fault of theirs. */
export function isRefused(manifest: Manifest, judged: JudgedSet): boolean {
  return refusing.some((rule) => rule.check(manifest, judged).some(({ severity }) => severity === 'error'));
}

/** Who gets to see an object, one after the other: where one refuses it, it comes no further. */
const stages = (['API server', 'webhook', undefined] as const).map((by) =>
  rules.filter(({ refuses }) => refuses === by),
);
const refusing = rules.filter(({ refuses }) => refuses !== undefined);
const refusingIds = new Set(refusing.map(({ id }) => id));

/** Whether a rule was asked about what these were found in: of what is refused, only those who refuse are. */
export function isAsked(rule: string, found: readonly Pick<Found, 'rule' | 'severity'>[]): boolean {
  return refusingIds.has(rule) || !found.some(saysRefused);
}

function saysRefused({ rule, severity }: Pick<Found, 'rule' | 'severity'>): boolean {
  return severity === 'error' && refusingIds.has(rule);
}

const aboutDefinitions = rules.filter(({ about }) => about === 'definition');
