import { definitionsOf } from '../../cluster/declared.ts';
import { type Field, fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { inKeyOrder, sameValue } from '../../manifest/value.ts';
import { rule } from '../rule.ts';

/**
 * One object defined twice: `kubectl apply` takes both, one after the other, so the last one stands. What the first
 * said is lost, which is information where both say the same. Silent where something outside the set changes it: there
 * the two may be patches.
 */
export const sameObjectTwice = rule({
  id: 'same-object-twice',
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
    const effect = isSame ? 'says the same' : 'has no effect';
    yield {
      at: nameField(manifest),
      severity: isSame ? 'info' : 'warning',
      message: `${kind} ${name} is defined again, and the last definition counts: this one ${effect}.`,
      related: [{ message: `the ${kind} ${name} that counts`, at: nameField(counting) }],
    };
  },
  bad: {
    says: 'this one has no effect',
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
