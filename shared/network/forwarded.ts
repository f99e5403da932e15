/**
 * What a proxy does with `X-Forwarded-For`: `appends` the address that it sees to what came; `replaces` whatever came,
 * which keeps clients from forging it; `trusts` the first address that came, and passes on that one.
 */
export type ForwardedFor = 'appends' | 'replaces' | 'trusts';

export const forwardedAddresses = 'x-forwarded-for';
export const forwardedScheme = 'x-forwarded-proto';

/** The request's headers as the proxy passes them on, for the source and the scheme that it sees. */
export function withForwarded(
  headers: ReadonlyMap<string, string>,
  { source, scheme }: { readonly source: string; readonly scheme: string },
  how: ForwardedFor,
): ReadonlyMap<string, string> {
  const came = headers.get(forwardedAddresses);
  return new Map([
    ...headers,
    [forwardedAddresses, addressesAfter(came, source, how)],
    [forwardedScheme, (how === 'trusts' ? headers.get(forwardedScheme) : undefined) ?? scheme],
  ]);
}

/** What `X-Forwarded-For` says behind a proxy, by what it said before. */
export function addressesAfter(came: string | undefined, source: string, how: ForwardedFor): string {
  switch (how) {
    case 'appends':
      return came === undefined ? source : `${came}, ${source}`;
    case 'replaces':
      return source;
    case 'trusts':
      return firstOf(came) ?? source;
    default:
      return how satisfies never;
  }
}

/** Whom the headers name as the first client; null where they name nobody. */
export function firstForwarded(headers: ReadonlyMap<string, string>): string | null {
  return firstOf(headers.get(forwardedAddresses));
}

function firstOf(came: string | undefined): string | null {
  return came?.split(',')[0]?.trim() || null;
}
