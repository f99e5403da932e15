import { type ParsedFile, problemsOf } from '../manifest/parseFile.ts';
import type { Finding } from './rule.ts';

/**
 * What kept a file's documents from being understood, of those that are about Kubernetes at all: they name an
 * `apiVersion` and a `kind`. Another program's YAML is none of our business, unless the file is asked for itself
 * (`named`), or it would cost unbounded time: no program means that.
 */
export function problemFindings(file: ParsedFile, of: 'manifests' | 'named' = 'manifests'): Finding[] {
  let isTemplateSaid = false;
  return problemsOf(file).flatMap(({ code, message, site, text }) => {
    if (code === 'yaml-template' && isTemplateSaid) return [];
    isTemplateSaid ||= code === 'yaml-template';
    const isOurs = code === 'yaml-too-large' || (of === 'named' && code !== 'yaml-template');
    if (!isOurs && !looksLikeKubernetes(text)) return [];
    return [
      {
        rule: code,
        severity: severityOf[code],
        message,
        site,
        related: [],
        fixes: [],
      } satisfies Finding,
    ];
  });
}

/** Kubernetes reads what has but a warning. */
const severityOf = {
  'yaml-syntax': 'error',
  'yaml-too-deep': 'error',
  'yaml-too-large': 'error',
  'yaml-duplicate-key': 'warning',
  'yaml-unread': 'warning',
  'yaml-template': 'hint',
} as const;

/** Whether a text means to be a Kubernetes object, however broken. */
function looksLikeKubernetes(text: string): boolean {
  return (
    /^[ \t{,"'-]*apiVersion["']?[ \t]*:/m.test(text) &&
    /^[ \t{,"'-]*kind["']?[ \t]*:|[{,]\s*["']?kind["']?\s*:/m.test(text)
  );
}
