import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { serviceNamed } from '../../cluster/lookups.ts';
import { type Field, fieldOf, keyFieldOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldError, pathText } from '../../manifest/validation/fieldError.ts';
import { type FieldPath, isList, isMap, itemsAt, keysAt, textAt, type Value, valueAt } from '../../manifest/value.ts';
import { type Breach, breachesOf, mismatchesToldOnce } from '../brokenCrdRule.ts';
import { crdRefusalsOf, type Definitions, type RefusedBy } from '../../cluster/crdRefusals.ts';
import { adding, quoting, removing, replacing, safely } from '../fixes.ts';
import { called } from '../related.ts';
import { type Fix, type Found, rule, type Severity, type Yielded } from '../rule.ts';
import { isLike } from '../spelling.ts';

/**
 * Source: the schemas and rules of kubernetes-sigs/gateway-api and kubernetes-sigs/network-policy-api config/crd, as in
 * `gatewayCrds.json` and `policyCrds.json` of `shared/manifest/validation/`.
 */
export const refusedByCrd = rule({
  id: 'refused-by-crd',
  topic: 'gateways',
  severity: 'error',
  meaning: "The definitions (CRDs) of the object's API refuse it, so nothing of it comes to be.",
  remedy: 'Mend the field that the message names. The API server takes the object only as a whole.',
  details: `
Every field and every rule (in CEL) of the CRDs of the Gateway API and of the network policy API is checked as the API
server checks it when the object is created. Of the Gateway API: Gateway, GatewayClass, ListenerSet, the five kinds of
routes, ReferenceGrant, BackendTLSPolicy and the experimental kinds, as of v1.7.0. Of the network policy API:
ClusterNetworkPolicy as of v0.3.0, AdminNetworkPolicy and BaselineAdminNetworkPolicy as of v0.1.7, the last that has
them.

A cluster may have another release. What an older one (v1.4.1, v0.2.0) or one channel takes is only an info: say, a
field that the standard channel doesn't have. Values that something fills in later aren't judged. Where
a set isn't complete, what is missing may come from elsewhere, and nothing is said of it.
`,
  link: 'https://gateway-api.sigs.k8s.io/reference/spec/',
  refuses: 'API server',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    const refusals = crdRefusalsOf(manifest);
    // What is missing since its name is misspelt is told there.
    const meant = new Set(
      refusals.flatMap(({ fault }) => (fault.kind === 'field' ? meantIn(manifest, fault.error) : [])),
    );
    // A map that only has what the API lacks is empty to it.
    const strangers = new Set(
      refusals.flatMap(({ fault }) =>
        fault.kind === 'field' && fault.error.kind === 'UnknownField' ? [pathText(fault.error.path.slice(0, -1))] : [],
      ),
    );
    const breaches = refusals.flatMap(({ fault, by }) =>
      fault.kind === 'rule' && isComplete ? breachesOf(fault, manifest.value).map((each) => ({ ...each, by })) : [],
    );
    const found = [
      ...mismatchesToldOnce(breaches)
        .filter(({ at, lacks }) => lacks === undefined || !meant.has(pathText([...at, lacks])))
        .map((each) => ofBreach(manifest, each, { by: each.by, model })),
      ...refusals.flatMap(({ fault, by }): Yielded[] => {
        if (fault.kind !== 'field') return [];
        const { kind, path } = fault.error;
        if (kind === 'Required' && (!isComplete || meant.has(pathText(path)))) return [];
        if (kind === 'Invalid' && strangers.has(pathText(path))) return [];
        return [ofError(manifest, fault.error, by)];
      }),
    ];
    // Of what is against one place, the first: rules have the plainer words, and what breaks one often breaks two. Two
    // entries that are alike clash in every way.
    const placeOfFound = ({ at, related = [] }: Yielded): string =>
      JSON.stringify(related.length === 0 || typeof at.path.at(-1) === 'number' ? at : at.path.slice(0, -1));
    const first = new Map(found.toReversed().map((each) => [placeOfFound(each), each]));
    yield* found.filter((each) => first.get(placeOfFound(each)) === each);
  },
  bad: {
    says: 'spec.listeners[1].tls: a listener of protocol HTTP, TCP or UDP has no tls',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: eg
  listeners:
    - { name: http, port: 80, protocol: HTTP }
    - { name: https, port: 443, protocol: HTTP, tls: { certificateRefs: [{ name: shop }] } }
                                                ~~~
    - { name: https, port: 8443, protocol: HTTP }
              ~~~~~
    - { name: raw, port: 9000, protocol: TCP, hostname: raw.example.com }
                                              ~~~~~~~~
`,
  },
  also: [
    {
      says: 'spec.rules[0].backendRefs: a rule that redirects asks no backend',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  hostname: shop.example.com
  ~~~~~~~~
  rules:
    - filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 301 } }]
      backendRefs: [{ name: shop, port: 80 }]
      ~~~~~~~~~~~
    - matches: [{ path: { type: Exact, value: /old } }]
                                ~~~~~
      filters:
        - type: URLRewrite
          urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } }
      backendRefs: [{ name: shop, port: 80 }]
    - matches: [{ path: { value: old } }, { method: GTE }]
                                 ~~~
                                                    ~~~
      backendRefs: [{ name: shop, kind: Service }]
                    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
`,
    },
    {
      says: 'spec.priority: is 1500; it must be between 0 and 1000',
      yaml: `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: shop }
spec:
  tier: Admin
  priority: 1500
            ~~~~
  subject: { namespaces: {}, pods: { podSelector: {}, namespaceSelector: {} } }
           ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  ingress:
    - action: Allow
              ~~~~~
      from: [{ networks: [10.0.0.0/8] }]
               ~~~~~~~~
  egress:
    - action: Accept
      to: [{ networks: [10.1.2.3/16] }]
                        ~~~~~~~~~~~
      protocols: [{ destinationNamedPort: http }]
                                          ~~~~
`,
    },
    {
      says: 'spec.useDefaultGateways: is a field of the experimental channel alone',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  useDefaultGateways: All
  ~~~~~~~~~~~~~~~~~~
  rules: [{ backendRefs: [{ name: shop, port: 80 }] }]
`,
    },
  ],
  good: `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: shop }
spec:
  tier: Admin
  priority: 100
  subject: { namespaces: {} }
  egress:
    - action: Accept
      to: [{ networks: [10.1.0.0/16] }]
      protocols: [{ tcp: { destinationPort: { range: { start: 8000, end: 8080 } } } }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: eg
  listeners:
    - { name: http, port: 80, protocol: HTTP }
    - { name: https, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: shop }] } }
    - { name: raw, port: 9000, protocol: TCP }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [shop.example.com]
  rules:
    - filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 301 } }]
    - matches: [{ path: { type: PathPrefix, value: /old } }]
      filters:
        - type: URLRewrite
          urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } }
      backendRefs: [{ name: shop, port: 80 }]
`,
});

function ofBreach(
  manifest: Manifest,
  breach: Breach,
  { by, model }: { readonly by: RefusedBy; readonly model: ClusterModel },
): Yielded {
  const { at, isKey, says, remedy } = breach;
  return {
    message: messageOf(manifest, `${pathText(at)}: ${says}.`, by, remedy),
    severity: severityOf(by),
    at: isKey ? keyFieldOf(manifest, ...at) : fieldOf(manifest, ...at),
    related: breach.with === undefined ? [] : [{ message: 'the other one', at: fieldOf(manifest, ...breach.with) }],
    fixes: breachFixes(manifest, breach, model),
  };
}

function breachFixes(manifest: Manifest, { at, isKey, instead, lacks }: Breach, model: ClusterModel): Fix[] {
  if (instead !== undefined) return replacing(`Use ${instead}`, manifest, instead, ...at);
  if (isKey) return removing(`Remove ${at.at(-1)}`, manifest, ...at);
  if (lacks === undefined) return [];
  const namespace = textAt(manifest.value, ...at, 'namespace') ?? namespaceOf(manifest);
  const [port, ...others] = serviceNamed(model, namespace, textAt(manifest.value, ...at, 'name') ?? '')?.ports ?? [];
  if (port === undefined || others.length > 0) return [];
  return adding(`Add port ${port.port}`, manifest, { key: lacks, text: String(port.port) }, ...at);
}

function ofError(manifest: Manifest, error: FieldError, by: RefusedBy): Yielded {
  const { path, kind, detail, shownAt } = error;
  const meant = kind === 'UnknownField' ? likeOf(manifest, error) : undefined;
  const isMissing = shownAt !== undefined && valueAt(manifest.value, ...path) === undefined;
  return {
    message: messageOf(manifest, `${pathText(path)}: ${saidOf(detail, kind, by, meant)}.`, by, ''),
    severity: severityOf(by),
    at: placeOf(manifest, error),
    related: kind === 'Duplicate' ? firstAlike(manifest, error) : [],
    fixes: isMissing ? [] : fixesOf(manifest, error, meant),
  };
}

function saidOf(detail: string, kind: FieldError['kind'], by: RefusedBy, meant: string | undefined): string {
  if (kind !== 'UnknownField') return detail;
  if (by.refusing.channel === 'standard') return 'is a field of the experimental channel alone';
  return meant === undefined ? detail : `is no field of the API; ${meant} is`;
}

function severityOf({ taking }: RefusedBy): Severity {
  return taking === null ? 'error' : 'info';
}

function messageOf(manifest: Manifest, says: string, { refusing, taking }: RefusedBy, remedy: string): string {
  const object = called(manifest);
  const effect =
    taking === null
      ? `The API server refuses ${object} (${refusing.api} ${refusing.version}), so nothing of it comes to be.`
      : `If the cluster has the ${refusing.api} ${named(refusing, taking)}, the API server refuses ${object}; ` +
        `${named(taking, refusing)} takes it.`;
  return [says, effect, ...(remedy === '' ? [] : [remedy])].join(' ');
}

/** With its channel where that tells it from the other. */
function named({ version, channel }: Definitions, other: Definitions): string {
  return version === other.version ? `${version} of the ${channel} channel` : version;
}

function placeOf(manifest: Manifest, { kind, path, shownAt }: FieldError): Field {
  if (kind === 'UnknownField') return keyFieldOf(manifest, ...path);
  if (kind === 'Duplicate') return fieldOf(manifest, ...(shownAt ?? path));
  if (valueAt(manifest.value, ...path) !== undefined) return fieldOf(manifest, ...path);
  return fieldOf(manifest, ...(shownAt ?? path));
}

/** The first of the entries that say the same. */
function firstAlike(manifest: Manifest, { path, shownAt = path }: FieldError): Found['related'] {
  const said = textAt(manifest.value, ...shownAt);
  const list = path.slice(0, -1);
  const inside = shownAt.slice(path.length);
  const index = itemsAt(manifest.value, ...list).findIndex((each) => textAt(each, ...inside) === said);
  return said === undefined ? [] : [{ message: 'the other one', at: fieldOf(manifest, ...list, index, ...inside) }];
}

/** The field that a misspelt one is like, and that isn't there; `serviceName` is a Service's `name`. */
function likeOf({ value }: Manifest, { path, known = [] }: FieldError): string | undefined {
  const own = String(path.at(-1));
  const siblings = keysAt(value, ...path.slice(0, -1));
  const missing = known.filter((each) => !siblings.includes(each));
  return missing.find((each) => isLike(own, each)) ?? missing.find((each) => own === `service${capital(each)}`);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Where the field would stand that was meant by one that the API lacks. */
function meantIn(manifest: Manifest, error: FieldError): string[] {
  const meant = error.kind === 'UnknownField' ? likeOf(manifest, error) : undefined;
  return meant === undefined ? [] : [pathText([...error.path.slice(0, -1), meant])];
}

function fixesOf(
  manifest: Manifest,
  { path, kind, isUnquoted, known = [] }: FieldError,
  meant: string | undefined,
): Fix[] {
  if (isUnquoted === true) return safely(quoting('Put it in quotes', manifest, ...path));
  if (kind === 'NotSupported') {
    const written = textAt(manifest.value, ...path)?.toLowerCase() ?? '';
    const words = known.map((word) => ({ word, text: word.toLowerCase() }));
    const same = words.filter(({ text }) => text === written);
    const meant = same.length > 0 ? same : words.filter(({ text }) => isLike(written, text) || isPartOf(written, text));
    const [only, ...others] = meant;
    if (only === undefined || others.length > 0) return [];
    return safely(replacing(`Use ${only.word}`, manifest, only.word, ...path));
  }
  if (kind !== 'UnknownField' || meant === undefined || !fitsAs(manifest, path, meant)) return [];
  return [
    { title: `Rename it to ${meant}`, edits: [{ kind: 'replace', at: keyFieldOf(manifest, ...path), text: meant }] },
  ];
}

/** `Prefix` of `PathPrefix`. */
function isPartOf(written: string, word: string): boolean {
  return written.length >= 4 && word.includes(written);
}

/** Whether what stands in a field could stand in another of its map. */
function fitsAs(manifest: Manifest, path: FieldPath, name: string): boolean {
  const there = [...path.slice(0, -1), name];
  const renamed = { ...manifest, value: renamedIn(manifest.value, path, name) };
  return crdRefusalsOf(renamed).every(({ fault }) => {
    const at = fault.kind === 'field' ? fault.error.path : fault.path;
    return !there.every((step, index) => step === at[index]);
  });
}

function renamedIn(value: Value, [step, ...rest]: FieldPath, name: string): Value {
  if (isList(value)) return value.map((each, index) => (index === step ? renamedIn(each, rest, name) : each));
  if (!isMap(value) || typeof step !== 'string') return value;
  const { [step]: moved = null, ...others } = value;
  return rest.length === 0 ? { ...others, [name]: moved } : { ...value, [step]: renamedIn(moved, rest, name) };
}
