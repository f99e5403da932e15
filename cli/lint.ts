import { printable } from '../shared/manifest/printable.ts';
import { type Finding, severities, type Severity } from '../shared/insight/rule.ts';
import { problemFindings } from '../shared/insight/manifestProblems.ts';
import { rules } from '../shared/insight/rules/all.ts';
import { bold, dim, severityText } from './colour.ts';
import { barrenStandardInput, type CommandInput, type InputOptions, typedName, readTexts, scenesOf } from './input.ts';
import { UnusableInput } from './unusableInput.ts';

const failOns = [...severities, 'never'] as const;

/** `hoplens lint`: 0 where nothing is at or above `failOn`, else 1. */
export async function lint(given: InputOptions, format: string, failOn: string): Promise<number> {
  const print = Object.entries(formats).find(([name]) => name === format)?.[1];
  if (print === undefined)
    throw new UnusableInput(`--format can be ${Object.keys(formats).join(', ')}, not ${format}.`);
  const threshold = failOns.find((each) => each === failOn);
  if (threshold === undefined) throw new UnusableInput(`--fail-on can be ${failOns.join(', ')}, not ${failOn}.`);
  const input = await readTexts(given);
  const asked = new Set(input.uris);
  const scenes = scenesOf(input);
  // Several paths are judged together, which the workspace's own sets don't know of; not where one of them falls into
  // several sets by itself.
  const isTogether = input.isTogether && input.workspace.sets().length + input.built.length <= given.files.length;
  const judged = isTogether
    ? scenes.flatMap((scene) => scene.files.flatMap((file) => scene.findings(file, 'with infos')))
    : [];
  const found = input.uris.flatMap((uri) => {
    const ofFile = isTogether ? [] : input.workspace.findings(uri);
    // A chart's templates are no YAML before they are rendered.
    const isChart = input.workspace.builtOf(uri).some(({ plan }) => plan.kind === 'chart');
    return isChart ? ofFile : [...problemsIn(input, uri), ...ofFile];
  });
  const findings = [
    ...new Map(
      [...found, ...judged]
        .filter(({ site }) => asked.has(site.uri))
        .map((finding) => [JSON.stringify([finding.rule, finding.site, finding.message]), finding]),
    ).values(),
  ].toSorted((a, b) =>
    a.site.uri === b.site.uri
      ? a.site.range.start.line - b.site.range.start.line || a.site.range.start.character - b.site.range.start.character
      : a.site.uri < b.site.uri
        ? -1
        : 1,
  );
  const barren = barrenStandardInput(input);
  if (barren !== null && !findings.some(({ severity }) => severity === 'error')) throw new UnusableInput(barren);
  process.stdout.write(print(findings));
  // On standard error, so that standard output is one line for each finding.
  if (format === 'text') process.stderr.write(summary(input, findings));
  const worst = severities.slice(0, threshold === 'never' ? 0 : severities.indexOf(threshold) + 1);
  return findings.some(({ severity }) => worst.includes(severity)) ? 1 : 0;
}

/** `12 manifests in 3 files: 1 error, 2 warnings.` */
function summary({ workspace, uris, built }: CommandInput, findings: readonly Finding[]): string {
  const judged = built.filter(({ plan }) => workspace.isJudged(plan.root));
  const sources = new Set(judged.flatMap((set) => set.sources));
  const files = [
    ...uris.flatMap((uri) => (sources.has(uri) ? [] : (workspace.file(uri) ?? []))),
    ...judged.map(({ file }) => file),
  ];
  const manifests = files.reduce((sum, file) => sum + file.manifests.length, 0);
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [severity === 'info' ? `${count} info` : counted(count, severity)];
  });
  const found = counts.length > 0 ? counts.join(', ') : manifests === 0 ? 'nothing to judge' : 'nothing found';
  return `${counted(manifests, 'manifest')} in ${counted(uris.length, 'file')}: ${found}.\n`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function problemsIn({ workspace, named }: CommandInput, uri: string): readonly Finding[] {
  const file = workspace.file(uri);
  return file === null ? [] : problemFindings(file, named.has(uri) ? 'named' : 'manifests');
}

const formats = {
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

function place({ uri, range: { start, end } }: Finding['site']): {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
} {
  return {
    file: typedName(uri),
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

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

/** SARIF 2.1.0, as code scanning takes it. */
function sarif(findings: readonly Finding[]): object {
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
            rules: rules.map(({ id, meaning, link, severity }) => ({
              id,
              shortDescription: { text: meaning },
              helpUri: link,
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
