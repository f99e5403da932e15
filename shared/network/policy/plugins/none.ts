import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/** Where nobody enforces anything: the API server takes policies, and they do nothing. */
export const noPolicyPlugin: PolicyPlugin = {
  ...commonReading,
  id: 'none',
  title: 'no plug-in',
  enforces: [],
  sources: ["the API's own documentation: https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
};
