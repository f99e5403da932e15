import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { isExternallyAccessible, type Service } from '../cluster/service.ts';
import { addressOfWay, entryOf } from '../network/wayIn.ts';
import { witnessOf } from '../network/witness.ts';
import { podName, type Target } from '../trace/trace.ts';

/** A request worth tracing, as one would type it. */
export interface Asked {
  /** TARGET as typed, and what it means. */
  readonly target: { readonly text: string; readonly value: Target };
  /** WHO as typed. */
  readonly from: 'internet' | 'pod';
  /** The namespace that an asking pod lives in. */
  readonly namespace: string;
}

/** A Service's ports, asked from outside where something leads in, else from a pod. Empty for a Service without ports, unless headless. */
export function asksOfService(service: Service): Asked[] {
  const { name, namespace, ports } = service;
  const from = isExternallyAccessible(service) ? 'internet' : 'pod';
  const bare = `svc/${podName({ name, namespace })}`;
  if (ports.length === 0) return service.headless ? [{ from, namespace, target: { text: bare, value: { kind: 'service', name, namespace, port: null } } }] : [];
  return ports.map((port, index) => ({
    from, namespace,
    target: { text: index === 0 ? bare : `${bare}:${port.port}`, value: { kind: 'service', name, namespace, port: index === 0 ? null : port.name === '' ? port.port : port.name } },
  }));
}

/** One URL for each of an Ingress's rules, then its default backend. */
export function asksOfIngress(model: ClusterModel, ingress: Ingress): Asked[] {
  const entry = entryOf(model, ingress);
  const address = addressOfWay(entry.model, entry.way) ?? 'ingress';
  const rules = ingress.rules.map(({ host, path }) => ({ host, path }));
  const asked = ingress.defaultBackend !== null && rules.length === 0 ? [{ host: null, path: '/' }] : rules;
  return asked.map(({ host, path }) => {
    const scheme = host !== null && ingress.tlsHosts.includes(host) ? 'https' : 'http';
    const [name, port] = (host === null ? address : host.replace(/^\*\./, 'any.')).split(':');
    const concrete = witnessOf({ kind: 'expression', expression: path, dialect: 'PCRE', ignoresCase: true, anchors: 'start' }) ?? (path.replace(/\*$/, '').replace(/[()[\]|$^\\?+].*$/, '') || '/');
    const number = port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port);
    return {
      from: 'internet', namespace: ingress.namespace,
      target: { text: `${scheme}://${name}${port === undefined ? '' : `:${port}`}${concrete}`, value: { kind: 'url', scheme, host: name?.toLowerCase() ?? '', port: number, path: concrete, query: new Map() } },
    };
  });
}
