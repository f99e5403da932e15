/**
 * What a proxy does with `X-Forwarded-For`: `appends` the address that it sees to what came; `replaces` whatever came, which
 * keeps clients from forging it; `trusts` what came as it is.
 */
export type ForwardedFor = 'appends' | 'replaces' | 'trusts';

const header = 'x-forwarded-for';

/** The request's headers as the proxy passes them on, for the source that it sees. */
export function withForwardedFor(headers: ReadonlyMap<string, string>, source: string, how: ForwardedFor): ReadonlyMap<string, string> {
  const came = headers.get(header);
  if (how === 'trusts' && came !== undefined) return headers;
  return new Map([...headers, [header, how === 'appends' && came !== undefined ? `${came}, ${source}` : source]]);
}
