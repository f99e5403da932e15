import { expect, test } from 'vitest';
import { certificateNames } from '../shared/cluster/certificateNames.ts';

const pem = `
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
`;

test.each([
  ['a certificate', pem, ['shop.example.com', '*.cdn.example.com']],
  ['a chain: its first', `${pem}${pem.replace('MII', 'MIJ')}`, ['shop.example.com', '*.cdn.example.com']],
  ['one that is cut off', pem.replace('ZPNnpW6j', ''), []],
  ['another text', '-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----', []],
  ['nothing', '', []],
])('the names of %s', (_, text, names) => {
  expect(certificateNames(text)).toEqual(names);
});
