import { annotationOf, healthNodePort, type LoadBalancerKind } from './loadBalancerKind.ts';
import { proxy } from './proxies.ts';

const typeAnnotation = {
  name: 'oci.oraclecloud.com/load-balancer-type',
  meaning: "`nlb` makes a network load balancer, which can keep the client's address; else it is a proxy.",
};
const preserveSource = 'oci-network-load-balancer.oraclecloud.com/is-preserve-source';

export const oci: LoadBalancerKind = {
  id: 'oci',
  title: 'Oracle Cloud load balancer',
  signs: {
    annotation: (name, value) =>
      (name === typeAnnotation.name && value !== 'nlb') ||
      name.startsWith('service.beta.kubernetes.io/oci-load-balancer-'),
    providerID: /^ocid1\./,
  },
  // Rules of the subnets' security lists: pkg/cloudprovider/providers/oci/load_balancer_security_lists.go.
  behaviour: proxy(() => false, { everySeconds: 10, failures: 3 }, 'balancer'),
  annotations: [typeAnnotation],
  sources: ['https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md'],
};

/** The client's address is kept under policy Local, unless an annotation says otherwise; under Cluster it can't be. */
export const ociNlb: LoadBalancerKind = {
  id: 'oci-nlb',
  title: 'Oracle Cloud network load balancer',
  signs: {
    annotation: (name, value) =>
      (name === typeAnnotation.name && value === 'nlb') ||
      name.startsWith('oci-network-load-balancer.oraclecloud.com/'),
  },
  behaviour: (service) => ({
    target: 'nodePort',
    source:
      service.externalTrafficPolicy === 'Local' && annotationOf(service, preserveSource)?.toLowerCase() !== 'false'
        ? 'client'
        : 'balancer',
    proxyProtocol: false,
    nodes: 'all',
    reply: 'through',
    leavesOut: 'health-check',
    sourceRanges: 'balancer',
    health: {
      cluster: { asks: 'HTTP :10256/healthz', everySeconds: 10, failures: 3 },
      local: { asks: healthNodePort, everySeconds: 10, failures: 3 },
    },
  }),
  annotations: [
    typeAnnotation,
    {
      name: preserveSource,
      meaning:
        "`false` gives the pods the balancer's address under policy Local too, where the client's is kept by default.",
    },
  ],
  sources: [
    'https://github.com/oracle/oci-cloud-controller-manager/blob/master/pkg/' +
      'cloudprovider/providers/oci/load_balancer_spec.go',
    'https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingnetworkloadbalancers.htm',
  ],
};
