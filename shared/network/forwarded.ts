/**
 * What a proxy does with `X-Forwarded-For`: `appends` the address that it sees to what came; `replaces` whatever came,
 * which keeps clients from forging it; `trusts` the first address that came, and passes on that one.
 */
export type ForwardedFor = 'appends' | 'replaces' | 'trusts';

const addresses = 'x-forwarded-for';
export const forwardedScheme = 'x-forwarded-proto';

/** The request's headers as the proxy passes them on, for the source and the scheme that it sees. */
export function withForwarded(
  headers: ReadonlyMap<string, string>,
  { source, scheme }: { readonly source: string; readonly scheme: string },
  how: ForwardedFor,
): ReadonlyMap<string, string> {
  const came = headers.get(addresses);
  if (how === 'trusts')
    return new Map([
      ...headers,
      [addresses, firstForwarded(headers) ?? source],
      [forwardedScheme, headers.get(forwardedScheme) ?? scheme],
    ]);
  return new Map([
    ...headers,
    [addresses, how === 'appends' && came !== undefined ? `${came}, ${source}` : source],
    [forwardedScheme, scheme],
  ]);
}

/** Whom the headers name as the first client; null where they name nobody. */
export function firstForwarded(headers: ReadonlyMap<string, string>): string | null {
  return headers.get(addresses)?.split(',')[0]?.trim() || null;
}
