import { type ParsedFile, problemsOf } from '../manifest/parseFile.ts';
import type { Finding } from './rule.ts';

/**
 * What kept a file's documents from being understood, for files that are about Kubernetes at all: one of their documents
 * names an `apiVersion` and a `kind`. Another program's YAML is none of our business.
 */
export function problemFindings(file: ParsedFile): Finding[] {
  let isTemplateSaid = false;
  return problemsOf(file).flatMap(({ code, message, site }) => {
    if (code === 'yaml-template' && isTemplateSaid) return [];
    isTemplateSaid ||= code === 'yaml-template';
    const document = file.documents.findLast(({ line }) => line <= site.range.start.line);
    if (document === undefined || !looksLikeKubernetes(document.text)) return [];
    return [{ rule: code, severity: code === 'yaml-template' ? 'info' : 'error', message, site, related: [] } satisfies Finding];
  });
}

/** Whether a text means to be a Kubernetes object, however broken. */
export function looksLikeKubernetes(text: string): boolean {
  return /^[ \t{,"'-]*apiVersion["']?[ \t]*:/m.test(text) && /^[ \t{,"'-]*kind["']?[ \t]*:|[{,]\s*["']?kind["']?\s*:/m.test(text);
}
