import { readGateway, readListenerSet } from '../../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { isIngress, readIngress } from '../../cluster/ingress.ts';
import { certifies, namesCertified } from '../../cluster/secrets.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { rule } from '../rule.ts';

/** A certificate that is in the set, and hosts that it isn't for. */
export const certificateForOthers = rule({
  id: 'certificate-for-others',
  topic: 'certificates',
  severity: 'warning',
  meaning: 'Clients see that the certificate is for other hosts, and close the connection.',
  remedy: 'Name a Secret whose certificate is for the host, or have it issued for the host as well.',
  details:
    'It reads the names (`subjectAltName`) of the first certificate in `tls.crt`, where the Secret is in the set and ' +
    'not encrypted.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#tls',
  about: 'object',
  *check(manifest, { model: { declared }, isComplete }) {
    if (!isComplete) return;
    for (const { host, secrets, at } of hostsCertified(manifest)) {
      const names = secrets.map(({ namespace, name }) => namesCertified(declared, namespace, name));
      const all = names.flat();
      if (names.some((each) => each.length === 0) || all.some((name) => isFor(name, host))) continue;
      const shown = all.length > mostShown ? [...all.slice(0, mostShown), `${all.length - mostShown} more`] : all;
      yield {
        message:
          `The certificate in Secret ${secrets.map(({ name }) => name).join(', ')} is for ${shown.join(', ')}, not ` +
          `for ${host}: clients of ${manifest.kind} ${manifest.name} don't trust it.`,
        at: fieldOf(manifest, ...at),
      };
    }
  },
  bad: {
    says: 'is for shop.example.com, *.cdn.example.com, not for store.example.com',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  tls:
    - hosts: [shop.example.com, store.example.com, img.cdn.example.com]
                                ~~~~~~~~~~~~~~~~~
      secretName: shop
  defaultBackend: { service: { name: shop, port: { number: 80 } } }
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: { name: shop }
stringData:
  tls.key: ""
  tls.crt: |
    -----BEGIN CERTIFICATE-----
    MIIBnTCCAUOgAwIBAgIUcSmangdSVvuiNJzfwK24PVgkot8wCgYIKoZIzj0EAwIw
    DDEKMAgGA1UEAwwBeDAgFw0yNjExMjYwNzMyNTlaGA8yMTI2MTEwMjA3MzI1OVow
    DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABB1CPPnspD1n
    RyK6Lo6TXa3GmsVNBbEUUYXDFUcgv2K4BxiYXj6Yc1qF2NIEPjBuyo7V7dHpttvD
    1d64ZPNnpW6jgYAwfjAdBgNVHQ4EFgQU1ay2wLxKvD4rYVg17LDrrs7VT18wHwYD
    VR0jBBgwFoAU1ay2wLxKvD4rYVg17LDrrs7VT18wLgYDVR0RBCcwJYIQc2hvcC5l
    eGFtcGxlLmNvbYIRKi5jZG4uZXhhbXBsZS5jb20wDAYDVR0TAQH/BAIwADAKBggq
    hkjOPQQDAgNIADBFAiEA086RiLOZLkS9Axp8eYiB2FhkLDVLhbeWbc9DjnEQhjYC
    IGKzj8Ux3u/VV4sz45XVbFVKugz2EJS01bZlNUo1I7B7
    -----END CERTIFICATE-----
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  tls: [{ hosts: [shop.example.com, img.cdn.example.com], secretName: shop }]
  defaultBackend: { service: { name: shop, port: { number: 80 } } }
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: { name: shop }
stringData:
  tls.key: ""
  tls.crt: |
    -----BEGIN CERTIFICATE-----
    MIIBnTCCAUOgAwIBAgIUcSmangdSVvuiNJzfwK24PVgkot8wCgYIKoZIzj0EAwIw
    DDEKMAgGA1UEAwwBeDAgFw0yNjExMjYwNzMyNTlaGA8yMTI2MTEwMjA3MzI1OVow
    DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABB1CPPnspD1n
    RyK6Lo6TXa3GmsVNBbEUUYXDFUcgv2K4BxiYXj6Yc1qF2NIEPjBuyo7V7dHpttvD
    1d64ZPNnpW6jgYAwfjAdBgNVHQ4EFgQU1ay2wLxKvD4rYVg17LDrrs7VT18wHwYD
    VR0jBBgwFoAU1ay2wLxKvD4rYVg17LDrrs7VT18wLgYDVR0RBCcwJYIQc2hvcC5l
    eGFtcGxlLmNvbYIRKi5jZG4uZXhhbXBsZS5jb20wDAYDVR0TAQH/BAIwADAKBggq
    hkjOPQQDAgNIADBFAiEA086RiLOZLkS9Axp8eYiB2FhkLDVLhbeWbc9DjnEQhjYC
    IGKzj8Ux3u/VV4sz45XVbFVKugz2EJS01bZlNUo1I7B7
    -----END CERTIFICATE-----
`,
});

const mostShown = 5;

interface CertifiedHost {
  readonly host: string;
  readonly secrets: readonly { readonly namespace: string; readonly name: string }[];
  readonly at: FieldPath;
}

function hostsCertified(manifest: Manifest): CertifiedHost[] {
  if (isIngress(manifest)) {
    const { namespace, tls } = readIngress(manifest);
    return tls.flatMap(({ hosts, secret, at }) =>
      secret === null
        ? []
        : hosts.map((host, index) => ({ host, secrets: [{ namespace, name: secret }], at: [...at, 'hosts', index] })),
    );
  }
  const isGateway = manifest.kind === 'Gateway';
  if (!isOfGatewayApi(manifest) || (!isGateway && manifest.kind !== 'ListenerSet')) return [];
  const { listeners } = isGateway ? readGateway(manifest) : readListenerSet(manifest);
  return listeners.flatMap(({ hostname, tls, at }) =>
    hostname === null || tls === null || tls.mode !== 'Terminate' || tls.certificates.length === 0
      ? []
      : [{ host: hostname, secrets: tls.certificates, at: [...at, 'hostname'] }],
  );
}

/** Of a wildcard host, it is enough that the name is for one of its hosts. */
function isFor(name: string, host: string): boolean {
  return certifies(name, host) || (host.startsWith('*.') && name.endsWith(host.slice(1)));
}
