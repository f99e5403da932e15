import { printable } from '../shared/manifest/printable.ts';
import type { Finding, Severity } from '../shared/insight/rule.ts';
import { bold, dim, severityText } from './colour.ts';
import { typedName } from './input.ts';
import { place } from './place.ts';
import { sarif } from './sarif.ts';

/** How findings are printed, by what `--format` says. */
export const lintFormats = {
  text: (findings: readonly Finding[]) =>
    findings
      .map(
        ({ rule, severity, message, site: { uri, range } }) =>
          `${bold(`${typedName(uri)}:${range.start.line + 1}:${range.start.character + 1}`)}: ` +
          `${severityText(severity)}: ${printable(message)} ${dim(`[${rule}]`)}\n`,
      )
      .join(''),
  json: (findings: readonly Finding[]) => `${JSON.stringify(findings.map(findingJson), null, 2)}\n`,
  github: (findings: readonly Finding[]) =>
    findings
      .map(({ rule, severity, message, site }) => {
        const { file, line, column, endLine, endColumn } = place(site);
        const start = `file=${property(file)},line=${line},col=${column}`;
        const end = `endLine=${endLine},endColumn=${endColumn},title=${property(rule)}`;
        return `::${githubLevel[severity]} ${start},${end}::${data(message)}\n`;
      })
      .join(''),
  sarif: (findings: readonly Finding[]) => `${JSON.stringify(sarif(findings), null, 2)}\n`,
};

function findingJson({ rule, severity, message, site, related }: Finding): object {
  return {
    rule,
    severity,
    message,
    ...place(site),
    related: related.map((each) => ({ message: each.message, ...place(each.site) })),
  };
}

const githubLevel: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
  hint: 'notice',
};

/**
 * GitHub's workflow commands escape what would end a message or a property.
 * Source: actions/toolkit packages/core/src/command.ts.
 */
function data(text: string): string {
  const lines = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return printable(lines);
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
