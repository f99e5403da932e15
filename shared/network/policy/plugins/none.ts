import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/** Where nobody enforces anything: the API server takes policies, and they do nothing. */
export const noPolicyPlugin: PolicyPlugin = {
  ...commonReading,
  id: 'none',
  title: 'no plug-in',
  enforces: [],
  sources: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
};

/** A pod network whose plug-in enforces nothing, by its name. */
export function enforcingNothing(title: string): PolicyPlugin {
  return { ...noPolicyPlugin, title };
}
