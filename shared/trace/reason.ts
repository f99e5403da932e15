import type { ReasonCode, Verdict, VerdictKind } from './trace.ts';

/** Each reason in a few words, as they stand behind a verdict: `dropped: no pod on that node`. */
export const reasonText: Readonly<Record<ReasonCode, string>> = {
  'no-local-endpoints': 'no pod on that node',
  'no-endpoints': 'no ready endpoint',
  'source-ranges': 'source not in loadBalancerSourceRanges',
  'nothing-listens': 'nothing listens there',
  'cluster-address': 'a cluster address, which leads nowhere here',
  'pod-address': 'a pod address, from outside',
  'no-such-name': 'no such name',
  'no-such-service': 'no such Service',
  'no-healthy-node': 'no node passes the health check',
  'node-not-ready': 'the node is not ready',
  'no-address': 'no load balancer has given it an address',
  'other-family': 'no address of the same family',
  'no-node-port': 'no nodePort to send to',
  'pods-not-routable': 'pods are not routable',
  'external-name': 'an alias for a name outside',
  'no-matching-rule': 'no rule matches',
  'no-backend': 'no backend',
  'no-controller': 'no controller serves the class',
  'headless-from-outside': 'headless, from outside',
  'no-such-port': 'no such port',
  'outside-cluster': 'outside the cluster',
  'no-way-in': 'nothing leads in from outside',
  'health-check': 'a health check',
  'regular-expression': 'a regular expression that can not be read',
  'reply-lost': 'the reply takes another way back',
  'own-source': 'sent back to the node that asked',
  redirect: 'a redirect',
  'tls-redirect': 'a redirect to HTTPS',
  'not-allowed': 'source not in the allow list',
  unauthorized: 'no credentials',
  'nobody-answers': 'nobody answers for that address',
  cors: 'a browser asking beforehand (CORS)',
  misdirected: 'another listener has that host',
  'plain-http': 'plain HTTP where TLS is spoken',
  'tls-name': 'no listener has that name in its TLS',
  'no-route': 'no route',
  'foreign-backend': 'a backend that is no Service',
  'no-gateway': 'the Gateway is not in these files',
  'proxy-protocol': 'no agreement on the PROXY protocol',
  'perhaps-attached': 'a route of which it is not known whether it is attached',
  'proxy-loop': 'proxies that send to each other without end',
  'alias-loop': 'an alias that leads back to itself',
};

/** What a proxy answers because it was told to: nothing is lost by it. */
const meant: ReadonlySet<ReasonCode> = new Set(['redirect', 'tls-redirect', 'cors']);

/** Whether a request that ends so has missed what it was for. */
export function isLost(verdict: { readonly kind: VerdictKind; readonly reason?: ReasonCode | null }): boolean {
  return verdict.kind !== 'delivered' && (verdict.reason == null || !meant.has(verdict.reason));
}

export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'delivered':
      return 'delivered';
    case 'answered':
      return `answered ${verdict.status}: ${reasonText[verdict.reason]}`;
    default:
      return `${verdict.kind}: ${reasonText[verdict.reason]}`;
  }
}
