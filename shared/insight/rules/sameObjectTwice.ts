import { definitionsOf } from '../../cluster/declared.ts';
import { type Field, fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { inKeyOrder, isList, isMap, sameValue, type Value } from '../../manifest/value.ts';
import { rule } from '../rule.ts';

/**
 * One object defined twice: `kubectl apply` takes both, one after the other, so the last one stands. What the first
 * said is lost, which is information where both say the same. Silent where something outside the set changes it: there
 * the two may be patches.
 */
export const sameObjectTwice = rule({
  id: 'same-object-twice',
  topic: 'api',
  severity: 'warning',
  meaning: 'The last definition counts, and what the others say is lost.',
  remedy: 'Take one of the definitions away.',
  details: 'Silent where something outside the set changes it: there the two may be patches.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/',
  about: 'definition',
  *check(manifest, { model, isComplete }) {
    const definitions = isComplete ? definitionsOf(model.declared, manifest) : [];
    const counting = definitions.at(-1);
    if (counting === undefined || definitions.length < 2) return;
    const { kind, name } = counting;
    if (manifest === counting) {
      const earlier = definitions.slice(0, -1);
      yield {
        at: nameField(manifest),
        severity: 'info',
        message: `${kind} ${name} is defined before, too: this definition counts.`,
        related: earlier.map((each) => ({ message: `${kind} ${name}, replaced`, at: nameField(each) })),
      };
      return;
    }
    const isSame = sameValue(inKeyOrder(manifest.value), inKeyOrder(counting.value));
    const differing = firstDifference(manifest.value, counting.value);
    const effect = isSame ? 'says the same' : `has no effect, though it says another ${differing}`;
    yield {
      at: nameField(manifest),
      severity: isSame ? 'info' : 'warning',
      message: `${kind} ${name} is defined again, and the last definition counts: this one ${effect}.`,
      related: [{ message: `the ${kind} ${name} that counts`, at: nameField(counting) }],
    };
  },
  bad: {
    says: 'this one has no effect, though it says another spec.ports[0].port',
    yaml: `
apiVersion: v1
kind: Service
metadata:
  name: web
        ~~~
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata:
  name: web
        ~~~
spec: { ports: [{ port: 81 }] }
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata:
  name: web
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: other
spec: { ports: [{ port: 81 }] }
`,
});

function nameField(manifest: Manifest): Field {
  return fieldOf(manifest, 'metadata', 'name');
}

/** The first field in which two values differ, as it is written in a path: `spec.ports[0].port`. */
function firstDifference(a: Value, b: Value): string {
  if (isMap(a) && isMap(b)) {
    const key = [...Object.keys(a), ...Object.keys(b)].find((each) => !isSameUnder(a[each], b[each])) ?? '';
    return joined(key, isSameUnder(a[key], b[key]) ? '' : firstDifference(a[key] ?? null, b[key] ?? null));
  }
  if (isList(a) && isList(b) && a.length === b.length) {
    const index = a.findIndex((each, number) => !isSameUnder(each, b[number]));
    return index === -1 ? '' : joined(`[${index}]`, firstDifference(a[index] ?? null, b[index] ?? null));
  }
  return '';
}

function isSameUnder(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameValue(inKeyOrder(a), inKeyOrder(b));
}

function joined(step: string, rest: string): string {
  return rest === '' || rest.startsWith('[') ? `${step}${rest}` : `${step}.${rest}`;
}
