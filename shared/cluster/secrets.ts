import { groupOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { textOf, valueAt } from '../manifest/value.ts';
import { certificateNames, decoded } from './certificateNames.ts';
import { byKeyOfDeclared, type Declared, eachOfDeclared, indexOfDeclared, ofDeclared } from './declared.ts';
import { placesAt } from './fieldPlaces.ts';
import { sameItems, sameMembers } from './listChanges.ts';
import { once } from './once.ts';

/**
 * The Secrets that are in a set, or that a controller makes of what is in it.
 */
interface MadeSecret {
  readonly namespace: string;
  readonly name: string;
  readonly isSaid: boolean;
}

/** Where a kind says the name of its Secret; without a path, it is the object's own. By API group and kind. */
const secretNames: Readonly<Record<string, readonly string[]>> = {
  '/Secret': [],
  // cert-manager/cert-manager pkg/apis/certmanager/v1/types_certificate.go
  'cert-manager.io/Certificate': ['spec.secretName'],
  // external-secrets/external-secrets apis/externalsecrets/v1/externalsecret_types.go: the target's, else its own
  'external-secrets.io/ExternalSecret': ['spec.target.name'],
  'external-secrets.io/ClusterExternalSecret': ['spec.externalSecretSpec.target.name', 'spec.externalSecretName'],
  // bitnami-labs/sealed-secrets pkg/apis/sealedsecrets/v1alpha1/types.go
  'bitnami.com/SealedSecret': ['spec.template.metadata.name'],
  // kubernetes-sigs/secrets-store-csi-driver apis/v1/secretproviderclass_types.go
  'secrets-store.csi.x-k8s.io/SecretProviderClass': ['spec.secretObjects.*.secretName'],
  // hashicorp/vault-secrets-operator api/v1beta1/
  'secrets.hashicorp.com/VaultStaticSecret': ['spec.destination.name'],
  'secrets.hashicorp.com/VaultDynamicSecret': ['spec.destination.name'],
  'secrets.hashicorp.com/VaultPKISecret': ['spec.destination.name'],
  // 1Password/onepassword-operator api/v1/onepassworditem_types.go
  'onepassword.com/OnePasswordItem': [],
  // isindir/sops-secrets-operator api/v1alpha3/sopssecret_types.go
  'isindir.github.com/SopsSecret': ['spec.secretTemplates.*.name'],
};

const secretsOf = once((manifest: Manifest): readonly MadeSecret[] => {
  const paths = secretNames[`${groupOf(manifest)}/${manifest.kind}`];
  if (paths === undefined) return [];
  const written = paths.flatMap((path) =>
    placesAt(manifest.value, path).flatMap((at) => textOf(valueAt(manifest.value, ...at)) ?? []),
  );
  const names = written.length > 0 ? written : [manifest.name];
  return names.map((name) => ({ namespace: namespaceOf(manifest), name, isSaid: manifest.namespace !== null }));
});

const allSecrets = eachOfDeclared(({ manifests }) => manifests, secretsOf);
const secretsByName = indexOfDeclared(allSecrets, ({ name }: MadeSecret) => [name]);

/** Whether a namespace has a Secret, or will have; null where one of that name doesn't say its namespace. */
export function isSecretThere(declared: Declared, namespace: string, name: string): boolean | null {
  const named = secretsByName(declared).get(name);
  if (named.some((each) => each.namespace === namespace)) return true;
  return named.some(({ isSaid }) => !isSaid) ? null : false;
}

/** The only namespace that has a Secret of a name; null for none or several, or one whose namespace isn't written. */
export function namespaceOfSecret(declared: Declared, name: string): string | null {
  const [only, ...others] = secretsByName(declared).get(name);
  return only?.isSaid === true && others.every((each) => each.isSaid && each.namespace === only.namespace)
    ? only.namespace
    : null;
}

const secretObjects = indexOfDeclared(
  (declared) => declared.ofKind('Secret'),
  (manifest: Manifest) => [`${namespaceOf(manifest)}/${manifest.name}`],
);

/** The names that the certificate in a Secret of the set is for; empty where that isn't known. */
export function namesCertified(declared: Declared, namespace: string, name: string): readonly string[] {
  const [secret] = secretObjects(declared).get(`${namespace}/${name}`);
  return secret === undefined ? [] : namesOf(secret);
}

const namesOf = once(({ value }: Manifest): readonly string[] => {
  const written = textOf(valueAt(value, 'stringData', 'tls.crt'));
  return certificateNames(written ?? decoded(textOf(valueAt(value, 'data', 'tls.crt')) ?? '') ?? '');
});

/** Whether a certificate's name is good for a host: the same, or a wildcard in the place of its first label. */
export function certifies(name: string, host: string): boolean {
  return host === name || (name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1));
}

/** The names of a namespace's Secrets. */
export const secretNamesIn = byKeyOfDeclared(
  (declared, namespace): readonly string[] =>
    allSecrets(declared).flatMap((each) => (each.namespace === namespace ? [each.name] : [])),
  { eager: true, same: sameItems },
);

/** The namespaces that have a Secret of TLS. */
export const namespacesWithTls = ofDeclared(
  (declared) =>
    new Set(
      declared
        .ofKind('Secret')
        .flatMap((each) => (textOf(valueAt(each.value, 'type')) === 'kubernetes.io/tls' ? [namespaceOf(each)] : [])),
    ),
  { eager: true, same: sameMembers },
);

/** Whether an annotation has a controller make the Secrets that an Ingress or a Gateway names. */
export function hasCertificatesMade({ annotations }: Manifest): boolean {
  return [...annotations.keys()].some((key) =>
    /^(?:[\w.-]*cert-manager\.io\/|kubernetes\.io\/tls-acme$|cert\.)/.test(key),
  );
}
