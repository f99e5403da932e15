import type { Profile, ProfileProblem } from '../cluster/profile.ts';
import { fieldOf, type Manifest } from '../manifest/manifest.ts';
import { loadBalancerKinds } from '../network/loadBalancers/catalogue.ts';
import { isLike } from './spelling.ts';

/** A load balancer that the profile names and that nobody knows: it would be taken for a generic one. */
export function providerProblem(manifest: Manifest, { loadBalancer: { provider } }: Profile): ProfileProblem[] {
  const known = loadBalancerKinds.map(({ id }) => id);
  if (known.includes(provider)) return [];
  const meant = known.filter((id) => isLike(id, provider) || id.split('-')[0] === provider.split(/[-_ ]/)[0]);
  const question = meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`;
  return [
    {
      message:
        `loadBalancer.provider is ${provider}, which Hoplens doesn't know.${question} ` + `Known: ${known.join(', ')}.`,
      field: fieldOf(manifest, 'spec', 'loadBalancer', 'provider'),
    },
  ];
}
