import { describe, expect, test } from 'vitest';
import { ranked } from '../client/targetRanking.ts';
import { commandLineOf } from '../shared/trace/commandLine.ts';
import { readTyped } from '../shared/trace/typedRequest.ts';

/** What was read, in a line: method, target, headers. */
function said(text: string): string {
  const read = readTyped(text);
  if (read.kind === 'unreadable') return `unreadable: ${read.message}`;
  const { method = '', headers = {} } = read.details ?? {};
  return [method, read.target, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
    .filter((each) => each !== '')
    .join(' | ');
}

describe('what is typed or pasted', () => {
  test.each([
    ['svc/cart', 'svc/cart'],
    [' http://shop/cart ', 'http://shop/cart'],
    ['shop.example.com/cart', 'http://shop.example.com/cart'],
    ['shop.example.com', 'http://shop.example.com'],
    ['203.0.113.10:80', '203.0.113.10:80'],
    ['cart:80', 'cart:80'],
    ['localhost:8080/x', 'http://localhost:8080/x'],
    ['pod/web-0:8080', 'pod/web-0:8080'],
    ['curl https://shop.example.com/cart', 'GET | https://shop.example.com/cart'],
    ['$ curl -sSLk shop.example.com', 'GET | http://shop.example.com'],
    ['curl -X POST -H "X-Canary: always" http://shop/', 'POST | http://shop/ | X-Canary: always'],
    [
      `curl -XPUT -H'Host: shop.example.com' http://203.0.113.10/`,
      'PUT | http://203.0.113.10/ | Host: shop.example.com',
    ],
    [`curl 'http://shop/' \\\n  -H 'accept: */*' \\\n  --data-raw '{"a":1}'`, 'POST | http://shop/ | accept: */*'],
    [`curl $'http://shop/caf\\u00e9' --compressed`, 'GET | http://shop/café'],
    ['curl -I --max-time 5 -o /dev/null http://shop/', 'HEAD | http://shop/'],
    ['curl -G -d q=1 http://shop/find', 'GET | http://shop/find?q=1'],
    ['curl --json {} http://shop/', 'POST | http://shop/ | Content-Type: application/json'],
    ['curl -A me -b a=b http://shop/', 'GET | http://shop/ | User-Agent: me | Cookie: a=b'],
    ['curl --resolve shop:80:203.0.113.10 http://shop/x', 'GET | http://203.0.113.10/x | Host: shop'],
    ['curl --resolve shop:443:203.0.113.10 https://shop/x', 'GET | https://shop/x'],
    ['curl -s http://shop/a | jq .', 'GET | http://shop/a'],
    ['curl http://shop/?a=1&b=2', 'GET | http://shop/?a=1'],
    ['curl -d @f http://shop/ 2>/dev/null && echo ok', 'POST | http://shop/'],
    [`curl 'http://shop/?a=1&b=2'>out`, 'GET | http://shop/?a=1&b=2'],
    ['curl.exe -T file http://shop/', 'PUT | http://shop/'],
    ['curl --ssl-reqd --retry-connrefused -X "" http://shop/', 'GET | http://shop/'],
    ['curl --remote-name-all --no-clobber http://shop/', 'GET | http://shop/'],
    ['service/cart', 'svc/cart'],
    ['curl', expect.stringContaining("Can't read the target")],
    ['curl -s', 'unreadable: This curl line names no URL.'],
    ["curl 'http://shop", 'unreadable: A quote in this line is never closed.'],
    ['curl http://a/ http://b/', 'unreadable: This curl line asks 2 URLs: take one of them.'],
    ['cart', expect.stringContaining("Can't read the target")],
    ['ftp://shop', expect.stringContaining("Can't read the target")],
    ['http://shop:99999/', expect.stringContaining('the port must be from 1 to 65535')],
  ])('%s', (text, wanted) => expect(said(text)).toEqual(wanted));
});

describe('what was typed finds', () => {
  const items = [
    ['http://shop.example.com/cart', '3 hops from LB'],
    ['svc/recommendationservice', '1 hop from pod'],
    ['svc/cartservice', '1 hop from pod'],
    ['svc/cart', 'no way in'],
    ['svc/redis-cart', '1 hop from pod'],
    ['http://shop.example.com/pay', 'no way in: selector matches no pod'],
  ].map(([label = '', description = '']) => ({ label, description }));
  test.each([
    ['', items.map(({ label }) => label)],
    ['cart', ['svc/cart', 'svc/cartservice', 'svc/redis-cart', 'http://shop.example.com/cart']],
    ['svc/cart', ['svc/cart', 'svc/cartservice']],
    ['EXAMPLE pay', ['http://shop.example.com/pay']],
    ['no way', ['svc/cart', 'http://shop.example.com/pay']],
    ['service', ['svc/cartservice', 'svc/recommendationservice']],
    ['nothing', []],
  ])('%s', (typed, wanted) => expect(ranked(items, typed).map(({ label }) => label)).toEqual(wanted));
});

test('a request as a command line, quoted where a shell would read more into it', () => {
  expect(
    commandLineOf({
      target: "http://shop/it's?a=$(b)&c",
      from: 'deploy/web.shop',
      details: { protocol: 'TCP', method: 'POST', headers: { 'x-a': 'b c' } },
      path: 'apps/my shop',
    }),
  ).toBe(
    `hoplens trace 'http://shop/it'\\''s?a=$(b)&c' -f 'apps/my shop' --from deploy/web.shop --method POST ` +
      `--header 'x-a: b c'`,
  );
  expect(commandLineOf({ target: 'svc/web', from: 'internet', path: '.' })).toBe('hoplens trace svc/web -f .');
});
