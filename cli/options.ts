/** The command line as data: each command with its options, as `parseArgs` reads them and as the help prints them. */

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: string | boolean;
  /** What the help calls the option's value; null for an option without one. */
  readonly value: string | null;
  readonly says: string;
}

export interface CommandHelp {
  readonly usage: string;
  /** What the command does, in one line that goes on from its name. The list of commands shows it. */
  readonly does: string;
  /** The arguments besides options, by the name that the usage gives them. */
  readonly takes: readonly (readonly [name: string, says: string])[];
  readonly options: Readonly<Record<string, Option>>;
  readonly status: string;
  /** Each with what it shows. */
  readonly examples: readonly (readonly [command: string, shows: string])[];
}

const file = {
  type: 'string',
  short: 'f',
  multiple: true,
  value: 'PATH',
  says:
    'a file or a folder, repeatable; - is standard input; without it, the current folder. Of kustomizations and ' +
    'charts, what they build is judged',
} as const;
const profile = {
  type: 'string',
  value: 'FILE',
  says: "the ClusterProfile to judge by; without it, the set's own, else the nearest hoplens.yaml",
} as const;

/** Of a kustomization's or a chart's folder: what is built of it. */
const building = {
  set: {
    type: 'string',
    value: 'NAME',
    says: 'of several overlays, charts or values files, the one that is meant, as lenses name it',
  },
  values: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    says: "of a chart: a file of values beside the chart's own, repeatable, the last wins",
  },
  release: { type: 'string', value: 'NAME', says: "of a chart: the release's name; without it, the chart's" },
  namespace: { type: 'string', value: 'NAME', says: 'of a chart: the namespace that it is installed in' },
} as const;

export const traceHelp = {
  usage: 'hoplens trace TARGET [options]',
  does: 'follow one request from who asks to the pods that answer, hop by hop',
  takes: [
    [
      'TARGET',
      'http(s)://host[:port]/path, svc/NAME[.NAMESPACE][:PORT], pod/NAME[.NAMESPACE]:PORT, ADDRESS:PORT, or a DNS ' +
        'name and port (web.default:80)',
    ],
  ],
  options: {
    file,
    from: {
      type: 'string',
      default: 'internet',
      value: 'WHO',
      says:
        'who asks: internet, pod (any pod), pod/NAME[.NAMESPACE], deploy/NAME[.NAMESPACE], node/NAME, ' +
        'or an address',
    },
    ...building,
    profile,
    method: { type: 'string', default: 'GET', value: 'M', says: 'the HTTP method' },
    header: { type: 'string', multiple: true, value: 'K:V', says: 'a header of the request, repeatable' },
    protocol: { type: 'string', default: 'tcp', value: 'P', says: 'tcp, udp or sctp' },
    format: { type: 'string', default: 'text', value: 'F', says: 'text, json or mermaid' },
    rules: {
      type: 'boolean',
      default: false,
      value: null,
      says: "each line of kube-proxy's rules that the packet meets, with the line of YAML behind it",
    },
    requests: {
      type: 'string',
      value: 'FILE',
      says:
        'many requests in place of TARGET: lines of JSON {"target", "from"?, "method"?, "headers"?, "protocol"?}, ' +
        'each answered by a line; - is standard input',
    },
    assume: {
      type: 'string',
      multiple: true,
      value: 'WHAT',
      says:
        'what if, repeatable: node/NAME=down|drained|just-drained, ' +
        'pod/NAME[.NAMESPACE]=not-ready|terminating|gone, ' +
        'svc/NAME[.NAMESPACE].externalTrafficPolicy=Cluster|Local (or internalTrafficPolicy), ' +
        'kube-proxy=iptables|nftables|ipvs|cilium',
    },
  },
  status: '0 every path is delivered, 1 some path is not, 2 unusable input',
  examples: [
    ['hoplens trace svc/web -f manifests', 'a Service, as the internet reaches it'],
    ['hoplens trace http://shop.example.com/cart --from pod/web-0', 'a URL, asked by a pod'],
    ['hoplens trace --requests urls.jsonl -f manifests', 'a list of requests, a line of JSON each'],
    ['hoplens trace svc/web --assume node/node-2=drained', 'the same with a node drained'],
    ['kubectl get nodes,pods,svc,endpointslices -A -o yaml | hoplens trace svc/web -f -', 'in a real cluster'],
  ],
} as const satisfies CommandHelp;

export const lintHelp = {
  usage: 'hoplens lint [PATH]... [options]',
  does: 'say where traffic would be lost or refused',
  takes: [['PATH', 'a file or a folder; - is standard input; without it, the current folder']],
  options: {
    file,
    ...building,
    profile,
    format: { type: 'string', default: 'text', value: 'F', says: 'text, json, sarif or github' },
    'fail-on': {
      type: 'string',
      default: 'error',
      value: 'SEVERITY',
      says: 'the least severity that makes the exit status 1: error, warning, info, hint or never',
    },
    fix: {
      type: 'boolean',
      default: false,
      value: null,
      says: 'mend what can be meant in one way alone, in the files that were named; the status is of what is left',
    },
    rule: {
      type: 'string',
      multiple: true,
      value: 'ID=SEVERITY',
      says: 'how grave a finding is: error, warning, info, hint or off, repeatable; wins over hoplens.yaml',
    },
  },
  status: '0 nothing of that severity, 1 something, 2 unusable input',
  examples: [
    ['hoplens lint manifests', 'a folder, each manifest set by itself'],
    ['hoplens lint charts/shop --values prod.yaml', 'what a chart is rendered to with these values'],
    ['hoplens lint --format github --fail-on warning', 'annotations in a GitHub workflow'],
    ['hoplens lint --fix manifests', 'quotes that are missing are put there'],
    ['hoplens lint --format sarif > hoplens.sarif', "for GitHub's code scanning"],
  ],
} as const satisfies CommandHelp;

export const rulesHelp = {
  usage: 'hoplens rules --node NAME [options]',
  does: 'print the rules that kube-proxy would write on a node, for iptables-restore or nft -f',
  takes: [],
  options: {
    node: { type: 'string', value: 'NAME', says: 'the node (required)' },
    file,
    ...building,
    profile,
    mode: { type: 'string', value: 'MODE', says: "iptables or nftables; without it, the profile's" },
    family: { type: 'string', default: 'ipv4', value: 'FAMILY', says: 'ipv4 or ipv6' },
  },
  status: '0 printed, 2 unusable input',
  examples: [
    ['hoplens rules --node node-1 -f manifests', 'as the profile has it'],
    ['hoplens rules --node node-1 --mode nftables --family ipv6', 'for nft -f'],
  ],
} as const satisfies CommandHelp;

export const routesHelp = {
  usage: 'hoplens routes [options]',
  does: 'print the routes of each controller and Gateway, in the order in which it tries them',
  takes: [],
  options: {
    file,
    ...building,
    profile,
    host: { type: 'string', value: 'H', says: 'only the routes that a request for this host meets' },
    format: { type: 'string', default: 'text', value: 'F', says: 'text or json' },
  },
  status: '0 printed, 2 unusable input',
  examples: [
    ['hoplens routes -f manifests', 'all tables of a folder, each route with its line'],
    ['hoplens routes -f manifests --host shop.example.com', 'what one host meets'],
  ],
} as const satisfies CommandHelp;

export const reachHelp = {
  usage: 'hoplens reach [options]',
  does: 'print who may reach whom: workloads, ways in, the internet',
  takes: [],
  options: {
    file,
    from: {
      type: 'string',
      value: 'WHO',
      says:
        'only what this one reaches: internet (by its ways in), pod (any pod), pod/NAME[.NAMESPACE], ' +
        'deploy/NAME[.NAMESPACE] (all of its pods), node/NAME, or an address; without it, everybody',
    },
    to: {
      type: 'string',
      value: 'WHO',
      says: 'only who reaches this one, likewise; a node or an address takes --port as well',
    },
    port: {
      type: 'string',
      value: 'P',
      says:
        'asked at this port alone, such as 8080 or 53/udp; without it, at each that pods declare ' +
        'or Services lead to',
    },
    ...building,
    profile,
    format: { type: 'string', default: 'text', value: 'F', says: 'text, json or matrix' },
  },
  status: '0 printed, 2 unusable input',
  examples: [
    ['hoplens reach -f manifests', 'all pairs of a folder, equal rows as one'],
    ['hoplens reach -f manifests --format matrix', 'the same as a grid'],
    ['hoplens reach -f manifests --to deploy/db.shop', 'who reaches the database, and who stops the others'],
    ['hoplens reach -f manifests --from deploy/web.shop --to internet --port 443', 'whether web gets out'],
  ],
} as const satisfies CommandHelp;

export const lensesHelp = {
  usage: 'hoplens lenses [options]',
  does: 'print what the editor shows over each Service, Ingress, Gateway and route',
  takes: [],
  options: {
    file,
    ...building,
    profile,
    format: { type: 'string', default: 'text', value: 'F', says: 'text or json' },
  },
  status: '0 printed, 2 unusable input',
  examples: [
    ['hoplens lenses -f manifests', 'a folder'],
    ['kubectl get svc,ingress,pods,nodes -A -o yaml | hoplens lenses -f -', 'a real cluster'],
  ],
} as const satisfies CommandHelp;

export const serverHelp = {
  usage: 'hoplens server --stdio',
  does: 'be the language server of an editor',
  takes: [],
  options: {
    stdio: {
      type: 'boolean',
      default: false,
      value: null,
      says: 'speak over standard input and output, the only way there is (required)',
    },
  },
  status: '0 the editor ended it or closed the pipe, 1 the editor went away, 2 unusable input',
  examples: [['hoplens server --stdio', 'what an editor is told to start']],
} as const satisfies CommandHelp;
