import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { certifies } from '../../cluster/secrets.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { assignmentOf } from '../../network/ingressController.ts';
import { replacing } from '../fixes.ts';
import { rule, type Yielded } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** The hosts of an Ingress's rules and those of its `tls`, where they don't go together. */
export const tlsHostsDiffer = rule({
  id: 'tls-hosts-differ',
  topic: 'certificates',
  severity: 'warning',
  meaning: "Over HTTPS, the host gets the controller's own certificate, which clients don't trust.",
  remedy: 'Write the same host in `rules` and in `tls`.',
  details:
    'A host of `tls` that no rule has is a warning where a rule has one that differs by a slip, else a hint; a host ' +
    'of a rule that no `tls` covers, where others of the Ingress are covered, is a hint. What another Ingress of the ' +
    'set covers is covered.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#tls',
  about: 'Ingress',
  *check(ingress, { model, isComplete }): Generator<Yielded> {
    const { manifest, name, tls, rules } = ingress;
    if (!isComplete || tls.length === 0 || tls.some(({ hosts }) => hosts.length === 0)) return;
    if (rules.length === 0 || rules.some(({ host }) => host === null)) return;
    // A cloud's balancer takes its certificates from elsewhere.
    if (assignmentOf(model.declared, ingress).kind === 'cloud') return;
    const served = [...new Set(rules.flatMap(({ host }) => host ?? []))];
    const open = new Set(served.filter((host) => !isCovered(model, host)));
    for (const { hosts, at } of tls)
      for (const [index, host] of hosts.entries()) {
        if (served.some((each) => certifies(host, each)) || isServed(model, host)) continue;
        const meant = [...open].find((each) => isLike(each, host));
        if (meant !== undefined) open.delete(meant);
        const place = [...at, 'hosts', index];
        yield {
          severity: meant === undefined ? 'hint' : 'warning',
          message:
            `No rule of Ingress ${name} has host ${host}, for which it has a certificate.` +
            (meant === undefined ? '' : ` Host ${meant} has none: clients get the controller's own.`),
          at: fieldOf(manifest, ...place),
          fixes: meant === undefined ? [] : replacing(`Use host ${meant}`, manifest, meant, ...place),
        };
      }
    for (const host of open) {
      const first = rules.find((each) => each.host === host);
      if (first === undefined) continue;
      yield {
        severity: 'hint',
        message:
          `Ingress ${name} has a certificate for other hosts, and none for ${host}: over HTTPS, its clients get the ` +
          "controller's own.",
        at: fieldOf(manifest, ...first.at.slice(0, 3), 'host'),
      };
    }
  },
  bad: {
    says: "Host shop.example.com has none: clients get the controller's own.",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  tls:
    - hosts: [shop.exmaple.com]
              ~~~~~~~~~~~~~~~~
      secretName: shop
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
`,
  },
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  tls: [{ hosts: ["*.example.com"], secretName: shop }]
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
`,
});

const ingressesByTlsHost = indexOfModel(
  ({ ingresses }) => ingresses,
  ({ tlsHosts }: Ingress) => [...new Set(tlsHosts)],
);
const ingressesByHost = indexOfModel(
  ({ ingresses }) => ingresses,
  ({ rules }: Ingress) => [...new Set(rules.flatMap(({ host }) => host ?? []))],
);

function isCovered(model: ClusterModel, host: string): boolean {
  const wildcard = `*${host.slice(host.indexOf('.'))}`;
  return [host, wildcard].some((each) => ingressesByTlsHost(model).get(each).length > 0);
}

function isServed(model: ClusterModel, host: string): boolean {
  return ingressesByHost(model).get(host).length > 0;
}
