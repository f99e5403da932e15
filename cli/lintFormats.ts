import { printable } from '../shared/manifest/printable.ts';
import type { Finding, Severity } from '../shared/insight/rule.ts';
import type { Site } from '../shared/manifest/position.ts';
import { bold, dim, severityText } from './colour.ts';
import { typedName } from './input.ts';
import { place } from './place.ts';
import { sarif } from './sarif.ts';

/** The line that a place begins in. */
type LineOf = (site: Site) => string;

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
        const where = annotated(site).map(([name, value]) => `${name}=${value}`);
        return `::${githubLevel[severity]} ${[...where, `title=${property(rule)}`].join(',')}::${data(message)}\n`;
      })
      .join(''),
  sarif: (findings: readonly Finding[], lineOf: LineOf) => `${JSON.stringify(sarif(findings, lineOf), null, 2)}\n`,
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
 * Columns only where a place is on one line: GitHub's runner leaves them out else. A place that ends before a line's
 * first character ends on the line before.
 * Source: actions/runner src/Runner.Worker/ActionCommandManager.cs `ValidateLinesAndColumns`.
 */
function annotated(site: Site): (readonly [name: string, value: string | number])[] {
  const { file, line, column, endLine, endColumn } = place(site);
  const where = [['file', property(file)] as const, ['line', line] as const];
  if (endLine === line) return [...where, ['endLine', line], ['col', column], ['endColumn', endColumn]];
  return [...where, ['endLine', endColumn === 1 ? endLine - 1 : endLine]];
}

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
