import { distance } from 'fastest-levenshtein';
import { printable } from '../manifest/printable.ts';
import { anyPod } from '../cluster/anyPod.ts';
import { isAddress } from '../cluster/address.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { podsNamed, podsOfOwner, writtenOnes } from '../cluster/lookups.ts';
import type { Origin, Target } from './trace.ts';

/** A TARGET or WHO as typed, or the reason why it can't be read: what was wrong and what would be right. */
export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unreadable'; readonly message: string };

const read = <T>(value: T): Read<T> => ({ kind: 'read', value });
const unreadable = <T>(message: string): Read<T> => ({ kind: 'unreadable', message });

export function readTarget(text: string): Read<Target> {
  const url = /^(https?):\/\/(\[[0-9a-fA-F:]+\]|[^/:?#]+)(?::(\d{1,5}))?([/?#].*)?$/.exec(text);
  if (url !== null) {
    const scheme = url[1] === 'https' ? 'https' : 'http';
    const port = url[3] === undefined ? (scheme === 'https' ? 443 : 80) : Number(url[3]);
    if (port < 1 || port > 65535) return unreadable(`${text}: the port must be from 1 to 65535.`);
    const [, path = '', mark, query = ''] = /^([^?#]*)(\?([^#]*))?/.exec(url[4] ?? '/') ?? [];
    return read({
      kind: 'url',
      scheme,
      host: (url[2] ?? '').replace(/^\[|\]$/g, '').toLowerCase(),
      port,
      path: path === '' ? '/' : path,
      query: new Map(new URLSearchParams(query)),
      search: mark === undefined ? '' : `?${query}`,
    });
  }
  const service =
    /^svc\/([a-z0-9]([-a-z0-9]*[a-z0-9])?)(?:\.([a-z0-9]([-a-z0-9]*[a-z0-9])?))?(?::([-a-zA-Z0-9]+))?$/.exec(text);
  if (service !== null) {
    const port = service[5];
    return read({
      kind: 'service',
      name: service[1] ?? '',
      namespace: service[3] ?? 'default',
      port: port === undefined ? null : /^\d+$/.test(port) ? Number(port) : port,
    });
  }
  const pod = /^pod\/([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)(?:\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?))?:(\d{1,5})$/.exec(text);
  if (pod !== null && Number(pod[3]) >= 1 && Number(pod[3]) <= 65535)
    return read({ kind: 'pod', name: pod[1] ?? '', namespace: pod[2] ?? 'default', port: Number(pod[3]) });
  const socket = /^(\[[0-9a-fA-F:]+\]|[^\s/:]+):(\d{1,5})$/.exec(text);
  if (socket !== null && Number(socket[2]) >= 1 && Number(socket[2]) <= 65535)
    return read({ kind: 'socket', host: (socket[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(socket[2]) });
  return unreadable(
    `Can't read the target ${JSON.stringify(text)}: it can be http(s)://host[:port]/path, ` +
      'svc/NAME[.NAMESPACE][:PORT], pod/NAME[.NAMESPACE]:PORT, ADDRESS:PORT, or a DNS name and port.',
  );
}

const workloads: Readonly<Record<string, string>> = {
  deploy: 'Deployment',
  deployment: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  rs: 'ReplicaSet',
  replicaset: 'ReplicaSet',
  rc: 'ReplicationController',
  job: 'Job',
  cronjob: 'CronJob',
  cj: 'CronJob',
  rollout: 'Rollout',
};

/** How each kind of workload is written in a WHO, the first word of several. */
export const workloadAbbreviations: ReadonlyMap<string, string> = new Map(
  Object.entries(workloads)
    .toReversed()
    .map(([word, kind]) => [kind, word]),
);

export function readOrigin(text: string, model: ClusterModel): Read<Origin> {
  if (text === 'internet') return read({ kind: 'internet' });
  if (text === 'pod' || text.startsWith('pod.')) {
    const pod = anyPod(model, text.slice(4) || 'default');
    return pod === null ? unreadable('There is no node that a pod could run on.') : read({ kind: 'pod', pod });
  }
  if (isAddress(text)) return read({ kind: 'address', address: text });
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return unreadable(`${text} is no address: each number is at most 255.`);
  const slash = text.indexOf('/');
  const kind = text.slice(0, Math.max(0, slash));
  const rest = text.slice(slash + 1);
  if (kind === 'node') {
    return model.nodes.some(({ name }) => name === rest)
      ? read({ kind: 'node', node: rest })
      : unreadable(
          `There is no node ${rest}; there ${listed(
            model.nodes.map(({ name }) => name),
            rest,
          )}.`,
        );
  }
  const dot = rest.indexOf('.');
  const [name, namespace] = dot === -1 ? [rest, 'default'] : [rest.slice(0, dot), rest.slice(dot + 1)];
  const workload = workloads[kind];
  if (kind === 'pod' || workload !== undefined) {
    const meant =
      workload === undefined
        ? podsNamed(model, { namespace, name })
        : podsOfOwner(model, workload, { namespace, name });
    const pod = meant.find(({ waits }) => waits !== 'ended') ?? meant[0];
    if (pod !== undefined && pod.addresses.length > 0) return read({ kind: 'pod', pod });
    if (pod !== undefined) {
      const lacks = pod.waits === 'ended' ? 'has ended' : 'has no address yet';
      return unreadable(`Pod ${pod.name} ${lacks}: nothing can be asked from it.`);
    }
    const names = [
      ...new Set(
        writtenOnes(model.pods).map(
          (each) =>
            (kind === 'pod' ? each.name : each.owner.name) + (each.namespace === 'default' ? '' : `.${each.namespace}`),
        ),
      ),
    ];
    return unreadable(
      `There is no ${kind}/${rest}${dot === -1 ? ' in namespace default' : ''}; there ${listed(names, rest)}.`,
    );
  }
  return unreadable(
    `Can't read who asks, ${JSON.stringify(text)}: it can be internet, pod (any pod), pod/NAME[.NAMESPACE], ` +
      'deploy/NAME[.NAMESPACE], node/NAME, or an address.',
  );
}

/** As many of them as a sentence has room for, the one that is nearest to what was typed first. */
function listed(names: readonly string[], typed: string): string {
  if (names.length === 0) return 'are none';
  const farness = new Map(names.map((name) => [name, farnessOf(name, typed)]));
  const sorted = names.toSorted((a, b) => (farness.get(a) ?? 0) - (farness.get(b) ?? 0));
  const shown = sorted.slice(0, 5).map(printable).join(', ');
  return `${names.length === 1 ? 'is' : 'are'} ${shown}${names.length > 5 ? `, and ${names.length - 5} more` : ''}`;
}

/** As many letters are otherwise; of names in any namespace. */
function farnessOf(name: string, typed: string): number {
  const [own = '', asked = ''] = [name, typed].map((each) => each.split('.')[0]?.toLowerCase());
  const letters = distance(own.slice(0, 60), asked.slice(0, 60));
  return letters <= Math.max(2, asked.length / 3) || own.includes(asked) ? letters : unlike;
}

/** Those that are like nothing that was typed stay in their order. */
const unlike = 100;
