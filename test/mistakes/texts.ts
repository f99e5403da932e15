import { isBuilt } from '../../shared/built/builtSet.ts';
import { fieldOf, keyFieldOf } from '../../shared/manifest/manifest.ts';
import { isScalar, keysAt, textAt, valueAt } from '../../shared/manifest/value.ts';
import { isNamedBeside, namersOf } from './around.ts';
import { key, line, type Mistake, more, raw, value } from './mistake.ts';

const kinds = ['Service', 'Deployment', 'Ingress', 'ConfigMap', 'HTTPRoute', 'Gateway'];
const syntax: Pick<Mistake, 'kinds' | 'rules' | 'least'> = { kinds, rules: ['yaml-syntax'], least: 'error' };

/** In YAML itself. */
export const inTexts: readonly Mistake[] = [
  {
    name: 'YAML: a tab for an indentation',
    ...syntax,
    *places({ manifest, value: written }) {
      const [first] = keysAt(written, 'spec');
      if (first !== undefined)
        yield { change: line(manifest, ['spec', first], (each) => each.replace(/^ +/, '\t')), at: around(first) };

      function around(name: string): ReturnType<typeof fieldOf>[] {
        return [keyFieldOf(manifest, 'spec', name), keyFieldOf(manifest, 'spec')];
      }
    },
  },
  {
    name: 'YAML: a key one blank further left than its siblings',
    ...syntax,
    *places({ manifest, value: written }) {
      const [first, second] = keysAt(written, 'spec');
      if (first !== undefined && second !== undefined)
        yield { change: line(manifest, ['spec', second], (each) => each.replace(/^ /, '')) };
    },
  },
  {
    name: 'YAML: a colon without its blank',
    kinds,
    rules: ['yaml-syntax', 'refused-by-api-server'],
    least: 'error',
    *places({ manifest }) {
      const path = ['metadata', 'name'];
      yield {
        change: line(manifest, path, (each) => each.replace(/^( *name:) /, '$1')),
        at: [fieldOf(manifest, 'metadata'), keyFieldOf(manifest, 'metadata')],
      };
    },
  },
  {
    name: 'YAML: a quote that nobody closes',
    ...syntax,
    *places({ manifest, value: written }) {
      const name = textAt(written, 'metadata', 'name') ?? '';
      yield { change: raw(manifest, ['metadata', 'name'], `"${name}`), at: [fieldOf(manifest)] };
    },
  },
  {
    name: 'YAML: a key twice',
    kinds,
    rules: ['yaml-duplicate-key'],
    least: 'warning',
    *places({ manifest, value: written }) {
      // kustomize refuses it too, and says so of the kustomization.
      for (const name of isBuilt(manifest.uri) ? [] : keysAt(written, 'spec'))
        if (isScalar(valueAt(written, 'spec', name)))
          yield {
            change: more(manifest, ['spec'], `${name}: ${textAt(written, 'spec', name)}`),
            at: [keyFieldOf(manifest, 'spec', name)],
          };
    },
  },
  {
    name: 'labels: written label',
    kinds: ['Service', 'Deployment', 'Ingress'],
    rules: ['refused-by-api-server'],
    least: 'error',
    *places({ manifest }) {
      yield { change: key(manifest, ['metadata', 'labels'], 'label') };
    },
  },
  {
    name: 'metadata: a name with a capital',
    kinds: ['Service'],
    rules: ['refused-by-api-server'],
    least: 'error',
    *places({ manifest, model }) {
      const [first = '', ...rest] = manifest.name;
      if (namersOf(model, manifest, null).length === 0 && !isNamedBeside(model, manifest.name))
        yield { change: value(manifest, ['metadata', 'name'], `${first.toUpperCase()}${rest.join('')}`) };
    },
  },
];
