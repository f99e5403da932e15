import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/** Azure's Network Policy Manager on Linux: chains in filter FORWARD, with ipsets of pods' addresses. */
export const azureNpm: PolicyPlugin = {
  ...commonReading,
  id: 'azure-npm',
  title: 'Azure NPM',
  enforces: ['NetworkPolicy'],
  sources: [
    'Azure/azure-container-networking npm/pkg/dataplane/policies/chain-management_linux.go (AZURE-NPM in FORWARD)',
  ],
};
