import type { ClusterModel } from '../../../shared/cluster/clusterModel.ts';
import type { Path } from '../../../shared/trace/trace.ts';
import { clusterOf, controllerBehindBalancer } from '../../scene.ts';
import { follow } from '../../follow.ts';

/** A request as it was asked of the real controller. */
export interface MeasuredRequest {
  readonly scheme?: 'http' | 'https';
  readonly host: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What it answered: a Service, and what that was asked, or a status. */
export type MeasuredAnswer =
  | { readonly backend: string; readonly path: string; readonly host: string }
  | { readonly status: number; readonly location?: string };

const services = Array.from({ length: 12 }, (_, index) => `s${index}`);

/**
 * ingress-nginx behind a load balancer, as it was measured: Services s0 to s11 in `default`, one pod each, beside the
 * objects at hand.
 */
export function measuredWith(objects: readonly object[]): ClusterModel {
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'measured' },
      spec: { nodes: { count: 1 } },
    },
    ...controllerBehindBalancer('ingress-nginx', 'ingress-nginx-controller', {
      policy: 'Local',
      container: {
        image: 'registry.k8s.io/ingress-nginx/controller:v1.14.5',
        args: ['/nginx-ingress-controller', '--configmap=$(POD_NAMESPACE)/ingress-nginx-controller'],
      },
    }),
    ...services.flatMap((name) => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'default' },
        spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', labels: { app: name } },
        spec: { containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }] },
      },
    ]),
    ...objects,
  ]);
}

/** What the paths of a trace come to, each once: a Service with what it is asked, or a status with its Location. */
export function answersIn(model: ClusterModel, request: MeasuredRequest): string[] {
  const { scheme = 'http', host, path, method = 'GET', headers = {} } = request;
  // As it was sent: also with a `#`, which no client sends of a URL.
  const [bare = '', query = ''] = path.split(/\?(.*)/s);
  const { paths } = follow(model, {
    target: {
      kind: 'url',
      scheme,
      host: '203.0.113.1',
      port: scheme === 'https' ? 443 : 80,
      path: bare,
      query: new Map(new URLSearchParams(query)),
      search: query === '' ? '' : `?${query}`,
    },
    from: { kind: 'internet' },
    protocol: 'TCP',
    method,
    headers: new Map(Object.entries({ ...headers, host }).map(([name, value]) => [name.toLowerCase(), value])),
  });
  return [...new Set(paths.map(answerOf))];
}

function answerOf({ verdict, received }: Path): string {
  switch (verdict.kind) {
    case 'delivered':
      return `${verdict.service} ${received?.host} ${received?.path}${received?.search}`;
    case 'answered': {
      const location = 'location' in verdict ? verdict.location : null;
      return location === null ? `${verdict.status}` : `${verdict.status} ${withoutPort(location)}`;
    }
    default:
      return `${verdict.kind} ${verdict.reason}`;
  }
}

/**
 * What has to be traced where this was measured: the one answer; or, where a canary takes a share, all that the trace
 * has, if it is among them.
 */
export function couldBe(model: ClusterModel, answer: string, traced: readonly string[] = []): readonly string[] {
  const isShared = model.ingresses.some(({ manifest }) => manifest.annotations.has(canaryWeight));
  return isShared && traced.includes(answer) ? traced : [answer];
}

const canaryWeight = 'nginx.ingress.kubernetes.io/canary-weight';

/** As it was measured, in the same words. */
export function measured(answer: MeasuredAnswer): string {
  return 'backend' in answer
    ? `${answer.backend} ${answer.host} ${answer.path}`
    : `${answer.status}${answer.location === undefined ? '' : ` ${answer.location}`}`;
}

/** The measured Locations leave out the port where it is the usual one. */
function withoutPort(location: string): string {
  return location.replace(/^(https?:\/\/[^/:?#]+):(?:80|443)(?=[/?#]|$)/, '$1');
}
