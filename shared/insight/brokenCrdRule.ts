import { canonicalRange } from '../cluster/address.ts';
import type { BrokenRule, CrdRule } from '../manifest/validation/customResource.ts';
import {
  type FieldPath,
  isList,
  isMap,
  itemsAt,
  keysAt,
  textAt,
  textOf,
  type Value,
  valueAt,
} from '../manifest/value.ts';

/** What breaks a rule of a definition, at the field that an edit would go to. */
export interface Breach {
  readonly at: FieldPath;
  /** Whether the field itself is too much, and not what stands there. */
  readonly isKey: boolean;
  /** What is wrong, after the field's name. */
  readonly says: string;
  /** What to do, as a sentence. */
  readonly remedy: string;
  /** A value that mends it. */
  readonly instead?: string;
  /** A key that mends it, in the map at `at`; its value is what fits. */
  readonly lacks?: 'port';
  /** What it clashes with. */
  readonly with?: FieldPath;
}

/**
 * Where a rule is broken: of a list, the entries that break it, each by itself; of entries that must differ, all but
 * the first. Within an entry, the field without which the rule would hold; else the last one that the rule reads and
 * that is written. `written` is the object as it stands in the text.
 */
export function breachesOf({ path, rule, value }: BrokenRule, written: Value): readonly Breach[] {
  const known = plainRules.find(({ message }) => rule.message.startsWith(message));
  const words = { says: known?.says ?? spoken(rule.message), remedy: known?.remedy ?? '' };
  const own = known?.at?.(value);
  if (own !== undefined)
    return own.map(({ at, with: other, ...more }) => ({
      isKey: false,
      ...words,
      ...more,
      at: writtenAt(written, [...path, ...at]),
      ...(other === undefined ? {} : { with: [...path, ...other] }),
    }));
  const failing = rule.failingItems(value);
  const reads = known?.reads ?? rule.reads;
  if (failing === null || failing.length === 0) return [{ ...words, ...blamed(written, path, reads, isMendedAt) }];
  const [first] = failing;
  if (/\bunique\b/.test(rule.message) && first !== undefined)
    return failing.slice(1).map((index) => {
      const { at } = blamed(written, [...path, index], reads, () => false);
      return { ...words, at, isKey: false, with: blamed(written, [...path, first], reads, () => false).at };
    });
  return failing.map((index) => ({ ...words, ...blamed(written, [...path, index], reads, isMendedAt) }));

  /** Whether the rule would hold of an entry, or of the whole, without a field. */
  function isMendedAt(at: FieldPath): boolean {
    const inside = at.slice(path.length);
    const rest = without(value, inside);
    const [index] = inside;
    const failingStill = rule.failingItems(rest);
    return failingStill === null || typeof index !== 'number' ? rule.holds(rest) : !failingStill.includes(index);
  }
}

/** A type without its own field and with another's is one mistake: it stands at the type, which the field tells. */
export function mismatchesToldOnce<T extends Breach>(breaches: readonly T[]): readonly T[] {
  const holderOf = ({ at }: Breach): string => JSON.stringify(at.slice(0, -1));
  const strays = Map.groupBy(
    breaches.filter(({ isKey, says }) => isKey && typeOfStray(says) !== undefined),
    holderOf,
  );
  const isLacking = ({ at, isKey, says }: Breach): boolean =>
    !isKey && at.at(-1) === 'type' && /^(?:a filter of )?type \w+ needs /.test(says);
  const told = new Set(breaches.filter((each) => isLacking(each)).flatMap((each) => strays.get(holderOf(each)) ?? []));
  return breaches.flatMap((each): T[] => {
    if (told.has(each)) return [];
    const [stray] = isLacking(each) ? (strays.get(holderOf(each)) ?? []) : [];
    if (stray === undefined) return [each];
    return [{ ...each, says: `${each.says}, and ${stray.says}`, instead: typeOfStray(stray.says) }];
  });
}

function typeOfStray(says: string): string | undefined {
  return /^\w+ goes with type (\w+) alone$/.exec(says)?.[1];
}

/** The field of a value that a rule's breach rests on, and whether it is too much. */
function blamed(
  written: Value,
  path: FieldPath,
  reads: CrdRule['reads'],
  isMendedWithout: (path: FieldPath) => boolean,
): Pick<Breach, 'at' | 'isKey'> {
  const there = reads.map((each) => [...path, ...each]).filter((each) => valueAt(written, ...each) !== undefined);
  const tooMuch = there.findLast(isMendedWithout);
  if (tooMuch !== undefined) return { at: tooMuch, isKey: true };
  return { at: there.at(-1) ?? writtenAt(written, path), isKey: false };
}

/** The path itself, or the nearest above it that is written. */
function writtenAt(written: Value, path: FieldPath): FieldPath {
  return path.length === 0 || valueAt(written, ...path) !== undefined ? path : writtenAt(written, path.slice(0, -1));
}

function without(value: Value, [step, ...rest]: FieldPath): Value {
  if (isList(value)) return value.map((each, index) => (index === step ? without(each, rest) : each));
  if (!isMap(value)) return value;
  if (rest.length > 0 && step !== undefined) return { ...value, [step]: without(value[step] ?? null, rest) };
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step));
}

/** A rule's message in words that say what is, where it says what must be `nil` or `specified`. */
function spoken(message: string): string {
  return message
    .replace(/^filter\.(\w+) must be nil if the filter\.type is not (\w+)$/, '$1 goes with type $2 alone')
    .replace(/^filter\.(\w+) must be specified for (\w+) filter\.type$/, 'a filter of type $2 needs $1')
    .replace(/^(\w+) must be nil if type is not (\w+)$/, '$1 goes with type $2 alone')
    .replace(/^(\w+) must be specified for (\w+) type$/, 'type $2 needs $1')
    .replace(/^(\w+) must be specified when type is set to '(\w+)'$/, 'type $2 needs $1')
    .replace(/^type must be '(\w+)' when (\w+) is set$/, '$2 goes with type $1 alone')
    .replace(
      /^SubjectAltName element must contain (\w+), if Type is set to (\w+)\.?$/,
      (_, field: string, type: string) => `type ${type} needs ${field.toLowerCase()}`,
    )
    .replace(
      /^SubjectAltName element must not contain (\w+), if Type is not set to (\w+)\.?$/,
      (_, field: string, type: string) => `${field.toLowerCase()} goes with type ${type} alone`,
    )
    .replace(/^(\w+) filter cannot be repeated$/, 'there is more than one filter $1')
    .replace(/ \(matching \S+\)(?: for types .*)?$/, '')
    .replace(/\.$/, '');
}

interface PlainRule {
  /** What the definition's message begins with. */
  readonly message: string;
  readonly says?: string;
  readonly remedy?: string;
  /** The fields to look at, the best to show last. */
  readonly reads?: CrdRule['reads'];
  /** Where, where it isn't plain from the rule itself. */
  readonly at?: (value: Value) => readonly (Pick<Breach, 'at'> & Partial<Breach>)[];
}

const onlyPodsHaveNames: Omit<PlainRule, 'message'> = {
  says: 'only pods have ports by name: networks, nodes and domainNames have none',
  remedy: "Write the port's number, or give the pods a rule of their own.",
  at: (rule) =>
    ['protocols', 'ports'].flatMap((key) =>
      itemsAt(rule, key).flatMap((each, index) => {
        const [field] = keysAt(each).filter((name) => name === 'destinationNamedPort' || name === 'namedPort');
        return field === undefined ? [] : [{ at: [key, index, field] }];
      }),
    ),
};

/** The rules on which traffic depends most, in the words of traffic. */
const plainRules: readonly PlainRule[] = [
  {
    message: "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
    says: 'a listener of protocol HTTP, TCP or UDP has no tls',
    remedy: 'Remove tls, or make the protocol HTTPS or TLS.',
  },
  {
    message: 'tls mode must be Terminate for protocol HTTPS',
    says: 'a listener of protocol HTTPS ends TLS itself',
    reads: [['tls', 'mode']],
    remedy: 'Write mode Terminate, or protocol TLS to pass it through.',
  },
  {
    message: 'tls mode must be set for protocol TLS',
    says: 'a listener of protocol TLS needs tls.mode',
    remedy: 'Write tls with mode Terminate or Passthrough.',
  },
  {
    message: "hostname must not be specified for protocols ['TCP', 'UDP']",
    says: 'a listener of protocol TCP or UDP sees no hostname',
    remedy: 'Remove the hostname, or make the protocol HTTP, HTTPS or TLS.',
  },
  {
    message: 'Listener name must be unique within the Gateway',
    says: 'another listener has this name too',
    remedy: 'Give each listener a name of its own: routes attach by it.',
  },
  {
    message: 'Combination of port, protocol and hostname must be unique for each listener',
    says: 'another listener has this port, protocol and hostname too',
    reads: [['port'], ['hostname']],
    remedy: 'Give one of them another port or hostname, or leave it out.',
  },
  {
    message: 'certificateRefs or options must be specified when mode is Terminate',
    says: 'a listener that ends TLS needs a certificate',
    remedy: 'Name its Secret in certificateRefs.',
  },
  {
    message: 'Must have port for Service reference',
    says: 'a Service is referred to without a port',
    remedy: "Write the Service's port.",
    at: () => [{ at: [], lacks: 'port' }],
  },
  {
    message: "value must be an absolute path and start with '/'",
    says: 'a path starts with /',
    at: (match) => [{ at: ['value'], instead: `/${textAt(match, 'value')}` }],
  },
  {
    message: 'RequestRedirect filter must not be used together with backendRefs',
    says: 'a rule that redirects asks no backend',
    remedy: 'Remove backendRefs, or the filter RequestRedirect.',
    at: () => [{ at: ['backendRefs'], isKey: true }],
  },
  ...['RequestRedirect', 'URLRewrite'].map((filter): PlainRule => ({
    message: `When using ${filter} filter with path.replacePrefixMatch, exactly one PathPrefix match`,
    says: 'ReplacePrefixMatch replaces what a prefix matched, so the rule needs exactly one PathPrefix match',
    remedy: 'Match by one PathPrefix, or use ReplaceFullPath.',
    at: (rule) => prefixMatchFault(rule),
  })),
  {
    message: 'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
    says: 'a rule either redirects or rewrites',
    remedy: 'Remove one of the filters RequestRedirect and URLRewrite.',
    at: (filters) => [{ at: [indexesOf(filters, /^(?:RequestRedirect|URLRewrite)$/).at(-1) ?? 0, 'type'] }],
  },
  ...['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite', 'CORS'].map(
    (type): PlainRule => ({
      message: `${type} filter cannot be repeated`,
      remedy: 'Put what they do into one.',
      at: (filters) => {
        const [first = 0, ...more] = indexesOf(filters, new RegExp(`^${type}$`));
        return more.map((index) => ({ at: [index, 'type'], with: [first, 'type'] }));
      },
    }),
  ),
  {
    message: 'sectionName or port must be unique when parentRefs includes',
    says: 'another parentRef names the same parent',
    remedy: 'Give each a sectionName or a port of its own, or leave one out.',
    reads: [['name'], ['sectionName']],
  },
  {
    message: 'sectionName or port must be specified when parentRefs includes',
    says: 'another parentRef names the same parent, and only one of them names a listener',
    remedy: 'Give each a sectionName or a port of its own.',
    at: vaguestParent,
  },
  {
    message: 'Hostnames cannot contain an IP',
    says: 'a hostname is no address',
    remedy: 'Write a name, or leave hostnames out to take every name.',
  },
  {
    message: 'backendRequest timeout cannot be longer than request timeout',
    says: 'one attempt (backendRequest) may not take longer than all of them (request)',
    remedy: 'Shorten backendRequest, or lengthen request.',
    at: () => [{ at: ['backendRequest'] }],
  },
  {
    message: 'Invalid CIDR format provided',
    says: 'a range is its first address and a length, as in 10.0.0.0/8',
    at: (range) => {
      const instead = canonicalRange(textOf(range) ?? '');
      return [{ at: [], ...(instead === null ? {} : { instead }) }];
    },
  },
  {
    message: 'Start port must be less than End port',
    says: 'a range of ports ends behind its start',
    remedy: 'Write the end behind the start, or number for a single port.',
    at: () => [{ at: ['end'] }],
  },
  {
    message: 'networks/nodes/domainNames peer cannot be set with namedPorts',
    ...onlyPodsHaveNames,
  },
  {
    message: 'networks/nodes peer cannot be set with namedPorts',
    ...onlyPodsHaveNames,
  },
  {
    message: 'Only one baseline admin network policy with metadata.name="default"',
    says: 'the one BaselineAdminNetworkPolicy of a cluster is called default',
    at: () => [{ at: ['metadata', 'name'], instead: 'default' }],
  },
];

/** The one match that is of another type; else all matches. */
function prefixMatchFault(rule: Value): readonly (Pick<Breach, 'at'> & Partial<Breach>)[] {
  const matches = itemsAt(rule, 'matches');
  const [only] = matches;
  if (matches.length !== 1 || textAt(only, 'path', 'type') !== 'Exact') return [{ at: ['matches'] }];
  return [{ at: ['matches', 0, 'path', 'type'], instead: 'PathPrefix' }];
}

/** Of references to one parent that are told apart in different ways, the one that says least, and another. */
function vaguestParent(parents: Value): readonly Pick<Breach, 'at' | 'with'>[] {
  const said = (parent: Value): string[] =>
    ['sectionName', 'port'].filter((field) => textAt(parent, field) !== undefined);
  const parentOf = (parent: Value): string =>
    ['group', 'kind', 'namespace', 'name'].map((field) => textAt(parent, field) ?? '').join(' ');
  const all = itemsAt(parents);
  const mixed = all.flatMap((parent, index) => {
    const other = all.findIndex((each) => parentOf(each) === parentOf(parent) && `${said(each)}` !== `${said(parent)}`);
    return other === -1 ? [] : [{ index, other, says: said(parent).length }];
  });
  const [vaguest] = mixed.toSorted((a, b) => a.says - b.says);
  return vaguest === undefined ? [{ at: [] }] : [{ at: [vaguest.index, 'name'], with: [vaguest.other, 'name'] }];
}

function indexesOf(filters: Value, type: RegExp): number[] {
  return itemsAt(filters).flatMap((each, index) => (type.test(textAt(each, 'type') ?? '') ? [index] : []));
}
