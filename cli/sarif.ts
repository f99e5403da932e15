import type { Finding, Severity } from '../shared/insight/rule.ts';
import { otherFindings } from '../shared/insight/otherFindings.ts';
import { pageOf } from '../shared/insight/pages.ts';
import { rules } from '../shared/insight/rules/all.ts';
import { place } from './place.ts';

/** SARIF 2.1.0, as code scanning takes it. */
export function sarif(findings: readonly Finding[]): object {
  const level: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note', hint: 'note' };
  const location = (site: Finding['site']): object => {
    const { file, line, column, endLine, endColumn } = place(site);
    return {
      physicalLocation: {
        artifactLocation: { uri: encodeURI(file) },
        region: { startLine: line, startColumn: column, endLine, endColumn },
      },
    };
  };
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Hoplens',
            rules: [...rules, ...otherFindings].map(({ id, meaning, severity }) => ({
              id,
              shortDescription: { text: meaning },
              helpUri: pageOf(id),
              defaultConfiguration: { level: level[severity] },
            })),
          },
        },
        results: findings.map(({ rule, severity, message, site, related }) => ({
          ruleId: rule,
          level: level[severity],
          message: { text: message },
          locations: [location(site)],
          ...(related.length > 0
            ? { relatedLocations: related.map((each) => ({ message: { text: each.message }, ...location(each.site) })) }
            : {}),
        })),
      },
    ],
  };
}
