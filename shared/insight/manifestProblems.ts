import { type ParsedFile, problemsOf } from '../manifest/parseFile.ts';
import { range } from '../manifest/position.ts';
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
        severity: code === 'yaml-template' ? 'info' : 'error',
        message,
        site,
        related: [],
        fixes: [],
      } satisfies Finding,
    ];
  });
}

/** Said once of a chart, at its `Chart.yaml`: what it would be rendered to isn't known. */
export function chartNote(file: ParsedFile): Finding[] {
  const message =
    'This is a Helm chart: its templates are no manifests before they are rendered, so Hoplens leaves them ' +
    'alone. What it can judge is the output of helm template.';
  return [
    {
      rule: 'helm-chart',
      severity: 'info',
      message,
      site: { uri: file.uri, range: range(0, 0, 0, file.text.split('\n')[0]?.length ?? 0) },
      related: [],
      fixes: [],
    },
  ];
}

/** Whether a text means to be a Kubernetes object, however broken. */
function looksLikeKubernetes(text: string): boolean {
  return (
    /^[ \t{,"'-]*apiVersion["']?[ \t]*:/m.test(text) &&
    /^[ \t{,"'-]*kind["']?[ \t]*:|[{,]\s*["']?kind["']?\s*:/m.test(text)
  );
}
