import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { Finding, Severity } from '../../shared/insight/rule.ts';
import { pageOf } from '../../shared/insight/pages.ts';
import { printable } from '../../shared/manifest/printable.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** A finding as the editor shows it, with a link to its page. */
export function diagnostic({ rule, severity, message, site, related }: Finding): Diagnostic {
  return {
    range: site.range,
    severity: severities[severity],
    source: 'Hoplens',
    code: rule,
    message: printable(message),
    codeDescription: { href: pageOf(rule) },
    ...(related.length > 0
      ? {
          relatedInformation: related.map((each) => ({
            message: printable(each.message),
            location: { uri: each.site.uri, range: each.site.range },
          })),
        }
      : {}),
  };
}
