import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * Azure's Network Policy Manager on Linux: chains in filter FORWARD, with ipsets of pods' addresses. What a node and
 * its own pods send each other passes INPUT and OUTPUT instead.
 */
export const azureNpm: PolicyPlugin = {
  ...commonReading,
  id: 'azure-npm',
  title: 'Azure NPM',
  enforces: ['NetworkPolicy'],
  ownNode: { ...commonReading.ownNode, fromPod: 'let out' },
  sources: [
    'Azure/azure-container-networking npm/pkg/dataplane/policies/chain-management_linux.go (AZURE-NPM in FORWARD)',
  ],
};
