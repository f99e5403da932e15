/** What goes wrong, as the pages and the README group the rules; in their order. */
export const topics = {
  services: {
    title: 'Services',
    what: 'selectors, ports, addresses and families, traffic policies, what a load balancer and clients see',
  },
  pods: { title: 'Pods and workloads', what: 'probes, replicas, host ports, a selector and its template' },
  ingresses: { title: 'Ingresses', what: 'backends, classes, paths, annotations, what a controller makes of them' },
  gateways: { title: 'Gateway API', what: 'listeners, parents, backends, grants, weights, matches' },
  certificates: { title: 'Certificates', what: 'Secrets that nobody has, hosts that nothing covers' },
  policies: { title: 'NetworkPolicies', what: 'selectors and ports that are for nothing' },
  names: {
    title: 'Names and addresses',
    what: 'what is a letter off: in autoscalers, monitors, variables, other products',
  },
  api: { title: 'The API server', what: 'what it refuses, and what is lost without a word' },
} as const;

export type Topic = keyof typeof topics;
