import ipaddr from 'ipaddr.js';

/**
 * The formats that the API server asks of texts and numbers. Each gives what it has against a value, in its order;
 * nothing for a value that is right. Source: k8s.io/apimachinery pkg/util/validation (0.36).
 */
export type Format<T> = (value: T) => string[];

export const dnsLabel: Format<string> = (value) => [
  ...(value.length > 63 ? ['must be no more than 63 characters'] : []),
  ...(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value)
    ? []
    : ["must consist of lower case letters, digits or '-', and start and end with a letter or digit"]),
];

/** A label that also starts with a letter: the name of a Service before Kubernetes 1.36. */
export const dnsLabelFromLetter: Format<string> = (value) => [
  ...(value.length > 63 ? ['must be no more than 63 characters'] : []),
  ...(/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(value)
    ? []
    : ["must consist of lower case letters, digits or '-', start with a letter, and end with a letter or digit"]),
];

export const dnsSubdomain: Format<string> = (value) => [
  ...(value.length > 253 ? ['must be no more than 253 characters'] : []),
  ...(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value)
    ? []
    : ["must consist of lower case letters, digits, '-' or '.', and start and end with a letter or digit"]),
];

/** The same with underscores, each label but for its last character: a DNS search domain. */
export const searchDomain: Format<string> = (value) => [
  ...(value.length > 253 ? ['must be no more than 253 characters'] : []),
  ...(/^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/.test(value)
    ? []
    : ["must consist of lower case letters, digits, '_', '-' or '.', and end with a letter or digit"]),
];

/** A host of an Ingress: a domain name, or `*.` before one for all that are one label longer. */
export const ingressHost: Format<string> = (value) => {
  if (!value.includes('*')) return dnsSubdomain(value);
  const isWildcard = value.startsWith('*.') && value.length <= 253 && dnsSubdomain(value.slice(2)).length === 0;
  return isWildcard ? [] : ["must start with '*.', followed by a domain name, and have no other '*'"];
};

/** A domain name of at least two labels; a dot may end it. */
export const fullyQualifiedName: Format<string> = (value) => {
  if (value === '') return ['must not be empty'];
  const name = value.replace(/\.$/, '');
  const problems = dnsSubdomain(name);
  if (problems.length > 0) return problems;
  const labels = name.split('.');
  if (labels.length < 2) return ['should be a domain with at least two segments separated by dots'];
  return labels.flatMap(dnsLabel);
};

export const portNumber: Format<number> = (value) =>
  value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535'];

/** A key of a ConfigMap or a Secret. Source: validation.go `IsConfigMapKey`. */
export const configKey: Format<string> = (value) => [
  ...(value.length > 253 ? ['must be no more than 253 characters'] : []),
  ...(/^[-._a-zA-Z0-9]+$/.test(value) ? [] : ["must consist of letters, digits, '-', '_' or '.'"]),
  ...(value === '.' ? ["must not be '.'"] : []),
  ...(value.startsWith('..') ? ["must not start with '..'"] : []),
];

/** A container port's name. */
export const containerPortName: Format<string> = (value) => [
  ...(value.length > 15 ? ['must be no more than 15 characters'] : []),
  ...(/^[-a-z0-9]+$/.test(value) ? [] : ["must contain only lower case letters, digits and '-'"]),
  ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter']),
  ...(value.includes('--') ? ["must not contain consecutive '-'"] : []),
  ...(value.startsWith('-') || value.endsWith('-') ? ["must not begin or end with '-'"] : []),
];

export const percent: Format<string> = (value) =>
  /^[0-9]+%$/.test(value) ? [] : ["must be a whole number or a percentage, such as '25%'"];

/** A name of an environment variable: until Kubernetes 1.32, few characters only. */
export function environmentName(kubernetesMinor: number): Format<string> {
  return (value) => {
    if (kubernetesMinor >= relaxedEnvironmentSince)
      return /^[ -<>-~]+$/.test(value) ? [] : ["must consist of printable ASCII characters other than '='"];
    return [
      ...(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(value)
        ? []
        : ["must consist of letters, digits, '_', '-' or '.', and not start with a digit"]),
      ...(value === '.' || value.startsWith('..') ? ["must not be '.' nor start with '..'"] : []),
    ];
  };
}

/** The release since which RelaxedEnvironmentVariableValidation is on. */
const relaxedEnvironmentSince = 32;

export const headerName: Format<string> = (value) =>
  /^[-A-Za-z0-9]+$/.test(value) ? [] : ["must consist of letters, digits or '-'"];

/** A name that stands in a path of the API. Source: k8s.io/apimachinery pkg/api/validate/content/path.go (0.36). */
export const pathSegment: Format<string> = (value) => [
  ...(value === '.' || value === '..' ? [`may not be '${value}'`] : []),
  ...['/', '%'].filter((each) => value.includes(each)).map((each) => `may not contain '${each}'`),
];

/** `example.com/controller`. */
export const domainPrefixedPath: Format<string> = (value) => {
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) return ['must be a domain-prefixed path, such as acme.io/foo'];
  return [
    ...dnsSubdomain(value.slice(0, slash)),
    ...(/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(value.slice(slash + 1)) ? [] : ['has a character that no path has']),
  ];
};

const qualifiedPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** A label's key, an appProtocol: a name, with a domain before a slash or without. */
export const qualifiedName: Format<string> = (value) => {
  const parts = value.split('/');
  if (parts.length > 2)
    return ["must be a name of letters, digits, '-', '_' or '.', with a DNS subdomain and '/' before it or without"];
  const [first = '', second] = parts;
  const name = second ?? first;
  return [
    ...(second === undefined
      ? []
      : first === ''
        ? ['prefix part must not be empty']
        : dnsSubdomain(first).map((problem) => `prefix part ${problem}`)),
    ...(name === ''
      ? ['name part must not be empty']
      : name.length > 63
        ? ['name part must be no more than 63 characters']
        : []),
    ...(qualifiedPart.test(name)
      ? []
      : ["name part must consist of letters, digits, '-', '_' or '.', and start and end with a letter or digit"]),
  ];
};

export const labelValue: Format<string> = (value) => [
  ...(value.length > 63 ? ['must be no more than 63 characters'] : []),
  ...(value === '' || qualifiedPart.test(value)
    ? []
    : ["must be empty or consist of letters, digits, '-', '_' or '.', and start and end with a letter or digit"]),
];

/** An address as older fields take it: until Kubernetes 1.36 with leading zeros, and IPv4 in IPv6's clothes. */
export function address(kubernetesMinor: number): Format<string> {
  return (value) => {
    const plain = value.includes(':') ? value : value.replaceAll(/\b0+(?=\d)/g, '');
    const isReadable = value.includes(':')
      ? ipaddr.IPv6.isValid(value) && !value.includes('%')
      : fourNumbers.test(plain) && ipaddr.IPv4.isValidFourPartDecimal(plain);
    if (!isReadable) return ['must be a valid IP address, such as 10.9.8.7 or 2001:db8::ffff'];
    if (kubernetesMinor < strictSince) return [];
    return [
      ...(plain === value ? [] : ['must not have leading 0s']),
      ...(value.includes(':') && ipaddr.IPv6.parse(value).isIPv4MappedAddress()
        ? ['must not be an IPv4-mapped IPv6 address']
        : []),
    ];
  };
}

/** A host name is told from an address by this, long before the parser throws. */
const fourNumbers = /^\d+\.\d+\.\d+\.\d+$/;

/** The one form that newer fields take of an address: as Go prints it. */
export const canonicalForm: Format<string> = (value) => {
  const form = value.includes(':') ? ipaddr.IPv6.parse(value).toRFC5952String() : value;
  return form === value ? [] : [`must be in canonical form (${form})`];
};

/** The release whose API server refuses addresses and ranges that can be read in two ways (StrictIPCIDRValidation). */
const strictSince = 36;

export function addressRange(kubernetesMinor: number): Format<string> {
  return (value) => {
    const [text = '', length = '', ...rest] = value.split('/');
    const bits = text.includes(':') ? 128 : 32;
    if (rest.length > 0 || !/^\d+$/.test(length) || Number(length) > bits || address(0)(text).length > 0)
      return ['must be a valid CIDR value, such as 10.9.8.0/24 or 2001:db8::/64'];
    if (kubernetesMinor < strictSince) return [];
    const problems = address(kubernetesMinor)(text);
    if (problems.length > 0) return problems;
    if (length !== String(Number(length))) return ['must not have leading 0s in the prefix length'];
    const first = bits === 32 ? ipaddr.IPv4.networkAddressFromCIDR(value) : ipaddr.IPv6.networkAddressFromCIDR(value);
    return first.toNormalizedString() === ipaddr.parse(text).toNormalizedString()
      ? []
      : ['must not have bits set beyond the prefix length'];
  };
}

/** What an endpoint's address, and for historical reasons an external IP, may not be. */
export const endpointAddress: Format<string> = (value) => {
  if (!ipaddr.isValid(value)) return [];
  const parsed = ipaddr.process(value);
  const kind = parsed.range();
  const isLinkLocalMulticast = parsed.kind() === 'ipv4' ? value.startsWith('224.0.0.') : /^ff[0-9a-f]2:/i.test(value);
  return [
    ...(kind === 'unspecified' && ['0.0.0.0', '::'].includes(parsed.toString())
      ? [`may not be unspecified (${value})`]
      : []),
    ...(kind === 'loopback' ? ['may not be in the loopback range (127.0.0.0/8, ::1/128)'] : []),
    ...(kind === 'linkLocal' ? ['may not be in the link-local range (169.254.0.0/16, fe80::/10)'] : []),
    ...(isLinkLocalMulticast ? ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'] : []),
  ];
};
