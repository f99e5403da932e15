import { annotationOf, healthNodePort, type LoadBalancerKind } from './loadBalancerKind.ts';
import { proxy } from './proxies.ts';

const typeAnnotation = {
  name: 'oci.oraclecloud.com/load-balancer-type',
  meaning: "`nlb` makes a network load balancer, which can keep the client's address; else it is a proxy.",
};
const proxyVersion = {
  name: 'service.beta.kubernetes.io/oci-load-balancer-connection-proxy-protocol-version',
  meaning: "`1` or `2` sends the client's address in a PROXY protocol header.",
};
const proxyHeader = {
  name: 'oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled',
  meaning: "`true` sends the client's address in a PROXY protocol header, version 2.",
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
  behaviour: proxy(
    (service) => ['1', '2'].includes(annotationOf(service, proxyVersion.name) ?? ''),
    { everySeconds: 10, failures: 3 },
    'balancer',
  ),
  annotations: [typeAnnotation, proxyVersion],
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
    proxyProtocol: annotationOf(service, proxyHeader.name)?.toLowerCase() === 'true',
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
    proxyHeader,
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
