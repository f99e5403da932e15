import { expect, test } from 'vitest';
import { isLost, type Verdict } from '../shared/trace/verdict.ts';
import { verdictSentence, verdictText } from '../shared/trace/verdictText.ts';

/** What mustn't type-check: were one of these lines to, the compiler would say so. */
export const impossible = [
  // @ts-expect-error a packet that is dropped isn't redirected
  { kind: 'dropped', reason: 'redirect', text: '', location: null },
  // @ts-expect-error a refusal is no answer
  { kind: 'refused', reason: 'no-matching-rule', by: 'controller', host: '', path: '' },
  // @ts-expect-error what is answered has a status
  { kind: 'answered', reason: 'plain-http', gateway: 'edge', port: 443 },
  // @ts-expect-error each reason has facts of its own: a martian's is the node
  { kind: 'dropped', reason: 'own-source', service: 'web' },
  // @ts-expect-error no reason is known by another name
  { kind: 'unknown', reason: 'no-idea' },
  // @ts-expect-error the sentence is made of the facts: nobody brings his own
  { kind: 'dropped', reason: 'own-source', node: 'node-1', text: 'It is gone.' },
] as const satisfies readonly Verdict[];

test.each<[Verdict, short: string, sentence: string, isLost: boolean]>([
  [
    { kind: 'dropped', reason: 'own-source', node: 'node-1' },
    'dropped: sent back to the node that asked',
    'node-1 gets a packet from outside that claims to come from node-1 itself: the kernel drops it as a martian.',
    true,
  ],
  [
    { kind: 'answered', reason: 'redirect', status: 301, by: 'gateway', location: '/' },
    'answered 301: a redirect',
    'The rule redirects to /.',
    false,
  ],
  [
    {
      kind: 'refused',
      reason: 'no-backend',
      fault: { kind: 'none-named', route: { kind: 'TCPRoute', name: 'db' } },
    },
    'refused: no backend',
    'TCPRoute db names no backend for this: the gateway closes the connection.',
    true,
  ],
  [
    { kind: 'answered', reason: 'cors', by: 'gateway', status: 204, origin: 'https://shop.example', isAllowed: true },
    'answered 204: a browser asking beforehand (CORS)',
    "A browser's preflight request, which the gateway answers itself: https://shop.example may ask.",
    false,
  ],
])('the words of %o are made of its facts', (verdict, short, sentence, lost) => {
  expect(verdictText(verdict)).toBe(short);
  expect(verdictSentence(verdict)).toBe(sentence);
  expect(isLost(verdict)).toBe(lost);
});
