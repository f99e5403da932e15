import type { Manifest } from '../manifest/manifest.ts';
import { itemsAt, textAt } from '../manifest/value.ts';
import { readAddresses } from './address.ts';
import { eachOfDeclared, ofDeclared } from './declared.ts';
import { sameItems } from './listChanges.ts';
import { once } from './once.ts';
import { isService, readService } from './service.ts';

/**
 * The addresses that somebody wrote, for anything but a pod: no load balancer's stand-in is one of them. The nodes',
 * those of the profile's load balancers, and what Services, Ingresses and Gateways say of theirs.
 */
export const writtenAddresses = ofDeclared(
  (declared): readonly string[] => [
    ...declared.nodes.flatMap(({ addresses }) => addresses),
    ...declared.profile.loadBalancers.flatMap(({ address }) => address ?? []),
    ...addressesOfServices(declared),
    ...declared.ingresses.flatMap(({ manifest }) => addressesOfStatus(manifest)),
    ...declared.gatewayApi.gateways.flatMap(({ addresses }) => addresses),
  ],
  { eager: true, same: sameItems },
);

const addressesOfServices = eachOfDeclared(
  (declared) => declared.ofKind('Service'),
  (manifest: Manifest): readonly string[] => {
    if (!isService(manifest)) return [];
    const { loadBalancerAddresses, externalIPs } = readService(manifest);
    return [...loadBalancerAddresses, ...externalIPs];
  },
);

const addressesOfStatus = once(({ value }: Manifest): readonly string[] =>
  readAddresses(itemsAt(value, 'status', 'loadBalancer', 'ingress').flatMap((each) => textAt(each, 'ip') ?? [])),
);
