import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver/node';
import type { Finding, Severity } from '../../shared/insight/rule.ts';
import { rules } from '../../shared/insight/rules/all.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};
const links = new Map(rules.map(({ id, link }) => [id, link]));

/** A finding as the editor shows it, with a link to the fact behind it. */
export function diagnostic({ rule, severity, message, site, related }: Finding): Diagnostic {
  const link = links.get(rule);
  return {
    range: site.range,
    severity: severities[severity],
    source: 'Hoplens',
    code: rule,
    message,
    ...(link === undefined ? {} : { codeDescription: { href: link } }),
    ...(related.length > 0
      ? {
          relatedInformation: related.map((each) => ({
            message: each.message,
            location: { uri: each.site.uri, range: each.site.range },
          })),
        }
      : {}),
  };
}
