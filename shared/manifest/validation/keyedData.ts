import { isMap, keysAt, textAt, textOf, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { configKey } from './formats.ts';
import { byteLength } from './metadata.ts';
import { textEntries } from './shape.ts';

/**
 * What the API server asks of a ConfigMap's and a Secret's data, the shapes being right.
 * Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go `ValidateConfigMap`, `ValidateSecret` (1.36).
 */
export function judgeConfigMap(object: Value, _minor: number, faults: Faults): void {
  const data = valueAt(object, 'data');
  const binary = valueAt(object, 'binaryData');
  for (const [key] of textEntries(data)) {
    faults.invalidKey(['data', key], configKey(key));
    if (isMap(binary) && Object.hasOwn(binary, key)) faults.invalidKey(['data', key], ['name is also in binaryData']);
  }
  for (const [key] of textEntries(binary)) faults.invalidKey(['binaryData', key], configKey(key));
  const bytes =
    sum(textEntries(data).map(([, text]) => byteLength(text))) +
    sum(textEntries(binary).map(([, text]) => decodedBytes(text)));
  if (bytes > mostBytes) faults.add('TooLong', [], `holds ${bytes} bytes; it must hold no more than ${mostBytes}`);
}

export function judgeSecret(object: Value, _minor: number, faults: Faults): void {
  const data = valueAt(object, 'data');
  const plain = new Map(textEntries(valueAt(object, 'stringData')));
  // What stringData says is written over data when the object is decoded.
  const keys = [...new Set([...keysAt(data), ...plain.keys()])];
  const holderOf = (key: string): string => (plain.has(key) ? 'stringData' : 'data');
  for (const key of keys)
    for (const detail of configKey(key))
      faults.errors.push({
        kind: 'Invalid',
        path: ['data', key],
        detail: `the key ${detail}`,
        isAboutKey: true,
        shownAt: [holderOf(key), key],
      });
  const bytes = sum(
    keys.map((key) => {
      const text = plain.get(key);
      return text === undefined ? decodedBytes(textOf(valueAt(data, key)) ?? '') : byteLength(text);
    }),
  );
  if (bytes > mostBytes)
    faults.add('TooLong', ['data'], `holds ${bytes} bytes; it must hold no more than ${mostBytes}`);
  const type = textAt(object, 'type') ?? '';
  const needed = (key: string): void =>
    faults.add('Required', ['data', key], `is missing; a Secret of type ${type} must have it`, ['type']);
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if ((textAt(object, 'metadata', 'annotations', serviceAccount) ?? '') === '')
        faults.add(
          'Required',
          ['metadata', 'annotations', serviceAccount],
          `is missing; a Secret of type ${type} must have it`,
          ['type'],
        );
      return;
    case 'kubernetes.io/dockercfg':
    case 'kubernetes.io/dockerconfigjson': {
      const key = type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson';
      if (!keys.includes(key)) return needed(key);
      const text = plain.get(key) ?? decoded(textAt(data, key) ?? '');
      if (!isJsonMap(text)) faults.add('Invalid', ['data', key], 'must be a JSON map', [holderOf(key), key]);
      return;
    }
    case 'kubernetes.io/basic-auth':
      if (!keys.includes('username') && !keys.includes('password'))
        for (const key of ['username', 'password']) needed(key);
      return;
    case 'kubernetes.io/ssh-auth':
      if ((plain.get('ssh-privatekey') ?? textAt(data, 'ssh-privatekey') ?? '') === '') needed('ssh-privatekey');
      return;
    case 'kubernetes.io/tls':
      for (const key of ['tls.crt', 'tls.key']) if (!keys.includes(key)) needed(key);
      return;
    default:
      return;
  }
}

const serviceAccount = 'kubernetes.io/service-account.name';

/** Of all values of an object together, decoded. */
const mostBytes = 1024 * 1024;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function decodedBytes(base64: string): number {
  const digits = base64.replaceAll(/[\r\n=]/g, '').length;
  return Math.floor((digits * 3) / 4);
}

function decoded(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (each) => each.charCodeAt(0)));
}

/** As Go reads it into a map: a null is an empty one. */
function isJsonMap(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
