import type { SeededRandom } from '../seededRandom.ts';

/**
 * Texts of a made-up workspace: teams' folders with Services, workloads, Ingresses, policies and here and there a
 * profile.
 */
export function randomWorkspace(random: SeededRandom, manifests: number): Map<string, string> {
  const files = new Map<string, string>();
  let made = 0;
  for (let team = 0; made < manifests; team++) {
    const folder = `/work/team-${team}`;
    if (random.below(4) === 0)
      files.set(
        `${folder}/kustomization.yaml`,
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [app.yaml]\n',
      );
    if (random.below(6) === 0)
      files.set(
        `${folder}/hoplens.yaml`,
        `apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: team-${team} }\n` +
          `spec: { nodes: { count: ${1 + random.below(5)} } }\n`,
      );
    for (let app = 0; app < 5 && made < manifests; app++) {
      const documents = [
        service(random, `app-${app}`),
        workload(random, `app-${app}`),
        ...(random.below(3) === 0 ? [ingress(random, `app-${app}`)] : []),
        ...(random.below(4) === 0 ? [gateway(random)] : []),
        ...(random.below(3) === 0 ? [route(random, `app-${app}`)] : []),
      ];
      made += documents.length;
      files.set(`${folder}/app-${app}.yaml`, documents.join('---\n'));
    }
    const policies = [
      ...(random.below(2) === 0 ? [namespace(random)] : []),
      ...Array.from({ length: random.below(3) }, (_, index) => networkPolicy(random, `policy-${index}`)),
      ...(random.below(4) === 0 ? [clusterPolicy(random, 'guard-0'), clusterPolicy(random, 'guard-1')] : []),
    ];
    made += policies.length;
    if (policies.length > 0) files.set(`${folder}/policies.yaml`, policies.join('---\n'));
  }
  return files;
}

function service(random: SeededRandom, name: string): string {
  const type = random.pick(['ClusterIP', 'NodePort', 'LoadBalancer']);
  const policy = type !== 'ClusterIP' && random.below(2) === 0 ? '  externalTrafficPolicy: Local\n' : '';
  return (
    `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec:\n  type: ${type}\n` +
    `${policy}  selector: { app: ${name} }\n` +
    `  ports: [{ port: 80, targetPort: ${random.pick(['8080', 'http', '9090'])} }]\n`
  );
}

function workload(random: SeededRandom, name: string): string {
  const kind = random.pick(['Deployment', 'StatefulSet', 'DaemonSet']);
  return (
    `apiVersion: apps/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n  replicas: ${1 + random.below(4)}\n` +
    `  template:\n    metadata: { labels: { app: ${name}, tier: ${random.pick(['front', 'back'])} } }\n` +
    `    spec: { containers: [{ name: main, image: example/${name}, ports: [{ name: http, containerPort: 8080 }] ` +
    '}] }\n'
  );
}

function ingress(random: SeededRandom, name: string): string {
  return (
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: ${name} }\nspec:\n` +
    `  ingressClassName: ${random.pick(['nginx', 'traefik', 'gce'])}\n  rules:\n    - host: ${name}.example.com\n` +
    `      http: { paths: [{ path: /, pathType: ${random.pick(['Prefix', 'Exact'])}, backend: { service: { name: ` +
    `${name}, port: { number: ${random.pick([80, 81])} } } } }] }\n`
  );
}

function gateway(random: SeededRandom): string {
  return (
    `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: edge-${random.below(2)} }\nspec:\n` +
    `  gatewayClassName: ${random.pick(['eg', 'istio', 'gke-l7-rilb', 'nope'])}\n  listeners:\n` +
    '    - { name: http, port: 80, protocol: HTTP }\n' +
    `    - { name: named, port: ${random.pick([80, 443])}, protocol: ` +
    `${random.pick(['HTTP', 'HTTPS', 'TLS', 'TCP'])}, hostname: "*.example.com", tls: { mode: ` +
    `${random.pick(['Terminate', 'Passthrough'])} } }\n`
  );
}

function route(random: SeededRandom, name: string): string {
  return (
    'apiVersion: gateway.networking.k8s.io/v1\n' +
    `kind: ${random.pick(['HTTPRoute', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'])}\n` +
    `metadata: { name: ${name} }\nspec:\n  parentRefs: [{ name: edge-${random.below(2)} }]\n` +
    `  hostnames: [${name}.example.com]\n  rules:\n` +
    `    - matches: [{ path: { type: ${random.pick(['Exact', 'PathPrefix', 'RegularExpression'])}, value: /api }, ` +
    'headers: [{ name: x, value: "1" }] }]\n' +
    `      backendRefs: [{ name: ${name}, port: ${random.pick([80, 81])}, weight: ${random.below(4)} }, { name: ` +
    'other, port: 80 }]\n' +
    `    - filters: [{ type: ${random.pick(['RequestRedirect', 'URLRewrite', 'RequestMirror'])} }]\n` +
    `      backendRefs: [{ name: ${name}, port: 80 }]\n`
  );
}

function namespace(random: SeededRandom): string {
  const team = random.pick(['red', 'blue']);
  return `apiVersion: v1\nkind: Namespace\nmetadata: { name: default, labels: { team: ${team} } }\n`;
}

function networkPolicy(random: SeededRandom, name: string): string {
  const rule = (side: 'from' | 'to'): string =>
    `    - ${side}: [{ ${peer(random)} }]\n` + `      ports: [{ port: ${random.pick(['8080', 'http', '80'])} }]\n`;
  return (
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${name} }\nspec:\n` +
    `  podSelector: ${random.pick(['{}', '{ matchLabels: { app: app-1 } }', '{ matchLabels: { tier: front } }'])}\n` +
    `  policyTypes: [${random.pick(['Ingress', 'Egress', 'Ingress, Egress'])}]\n` +
    `  ingress:\n${rule('from')}  egress:\n${rule('to')}`
  );
}

function peer(random: SeededRandom): string {
  return random.pick([
    'podSelector: { matchLabels: { app: app-1 } }',
    'podSelector: { matchLabels: { tier: back } }',
    'namespaceSelector: { matchLabels: { team: red } }',
    'namespaceSelector: {}',
    'ipBlock: { cidr: 10.244.0.0/16, except: [10.244.1.0/24] }',
    'ipBlock: { cidr: 0.0.0.0/0 }',
  ]);
}

function clusterPolicy(random: SeededRandom, name: string): string {
  const tier = random.pick(['Admin', 'Baseline']);
  const rule = (side: 'from' | 'to'): string =>
    `    - { action: ${random.pick(['Accept', 'Deny', 'Pass'])}, ${side}: [{ namespaces: ` +
    `${random.pick(['{}', '{ matchLabels: { team: red } }'])} }] }\n`;
  return (
    `apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: { name: ${name} }\nspec:\n` +
    `  tier: ${tier}\n  priority: ${random.pick([1, 2])}\n  subject: { namespaces: {} }\n` +
    `  ingress:\n${rule('from')}  egress:\n${rule('to')}`
  );
}

const replacements = [
  ['LoadBalancer', 'NodePort'],
  ['NodePort', 'ClusterIP'],
  ['ClusterIP', 'LoadBalancer'],
  ['Local', 'Cluster'],
  ['Cluster\n', 'Local\n'],
  ['replicas: 1', 'replicas: 3'],
  ['replicas: 3', 'replicas: 0'],
  ['8080', 'http'],
  ['app: app-1', 'app: app-2'],
  ['name: app-3', 'name: app-4'],
  ['---\n', ''],
  ['{ name', '{{ name'],
  ['spec:', 'spec: ['],
  ['80', '443'],
  ['nginx', 'nope'],
  ['example.com', '*.example.com'],
  ['\n', '\r\n'],
  ['Prefix', 'Exact'],
  ['edge-0', 'edge-1'],
  ['weight: 1', 'weight: 0'],
  ['HTTPRoute', 'TLSRoute'],
  ['RegularExpression', 'PathPrefix'],
  ['tier: front', 'tier: back'],
  ['team: red', 'team: blue'],
  ['[Ingress]', '[Egress]'],
  ['podSelector: {', 'namespaceSelector: {'],
  ['action: Deny', 'action: Accept'],
  ['action: Pass', 'action: Deny'],
  ['priority: 1', 'priority: 2'],
  ['tier: Admin', 'tier: Baseline'],
  ['10.244.0.0/16', '10.244.1.0/33'],
  ['kind: NetworkPolicy', 'kind: NetworkPolicies'],
] as const;

const policyReplacements = replacements.slice(-10);

/** One edit of a text, as a person or a formatter would make it, or garbage. */
export function randomEdit(random: SeededRandom, text: string): string {
  const kind = random.below(10);
  if (kind < 6) {
    const [from, to] = random.pick(
      text.includes('Policy') && random.below(2) === 0 ? policyReplacements : replacements,
    );
    return text.includes(from) ? text.replace(from, to) : text.replace(to, from);
  }
  const at = random.below(text.length + 1);
  if (kind < 8)
    return (
      text.slice(0, at) +
      random.pick(['x', '\n', ' ', ':', '{', '# c\n', '- ', '\t', '"', '&a ', '*a', 'é']) +
      text.slice(at)
    );
  if (kind === 8) return text.slice(0, at) + text.slice(at + 1 + random.below(12));
  return (
    `${text.replace(/\n?$/, '\n')}---\napiVersion: v1\nkind: Service\n` +
    `metadata: { name: extra-${random.below(5)} }\n` +
    `spec: { selector: { app: app-1 }, ports: [{ port: ${80 + random.below(3)} }] }\n`
  );
}
