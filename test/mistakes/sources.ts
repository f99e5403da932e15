import { textAt } from '../../shared/manifest/value.ts';
import { itemsWith, type Mistake, value } from './mistake.ts';

/** In what kustomize and Helm build. */
export const inSources: readonly Mistake[] = [
  {
    name: 'kustomization: a letter of a file wrong',
    kinds: ['Kustomization', 'Component'],
    rules: ['missing-resource'],
    least: 'error',
    *places({ manifest, value: written, slip }) {
      for (const { item, at } of itemsWith(written, 'resources')) {
        const name = textAt(item) ?? '';
        if (manifest.apiVersion.startsWith('kustomize.config.k8s.io/') && /^[\w./-]+\.ya?ml$/.test(name))
          yield { change: value(manifest, at, slip(...at)) };
      }
    },
  },
];
