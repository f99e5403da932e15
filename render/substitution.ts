import type { Substitution } from '../shared/built/deployers.ts';

/**
 * Puts Flux's texts in the place of `${name}`, `${name:-otherwise}` and the like; one that only the cluster knows stays.
 * Source: fluxcd/pkg kustomize/kustomize_varsub.go, fluxcd/pkg envsubst.
 */
export function substituted(text: string, { texts, hasMore }: Substitution): string {
  return text.replace(
    /\$\{([A-Za-z_]\w*)(?::?[-=]([^}]*))?\}/g,
    (whole, name: string, otherwise: string | undefined) => {
      const known = Object.hasOwn(texts, name) ? texts[name] : undefined;
      return known ?? otherwise ?? (hasMore ? whole : '');
    },
  );
}
