import { sha256 } from '@noble/hashes/sha2.js';
import { pathToFileURL } from 'node:url';
import manifest from '../package.json' with { type: 'json' };
import type { Finding, PlacedFix, Severity } from '../shared/insight/rule.ts';
import { otherFindings } from '../shared/insight/otherFindings.ts';
import { pageOf } from '../shared/insight/pages.ts';
import { rules } from '../shared/insight/rules/all.ts';
import type { Site } from '../shared/manifest/position.ts';
import { place } from './place.ts';

/**
 * SARIF 2.1.0, as code scanning takes it. Source: OASIS Static Analysis Results Interchange Format (SARIF) 2.1.0; the
 * sections are named where they decide something. `lineOf` gives the line that a place begins in.
 */
export function sarif(findings: readonly Finding[], lineOf: (site: Site) => string): object {
  const described = [...rules, ...otherFindings];
  const numbers = new Map(described.map(({ id }, index) => [id, index]));
  const prints = fingerprints(findings, lineOf);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Hoplens',
            version: manifest.version,
            semanticVersion: manifest.version,
            rules: described.map(({ id, meaning, remedy, severity }) => ({
              id,
              shortDescription: { text: meaning },
              help: { text: remedy },
              helpUri: pageOf(id),
              defaultConfiguration: { level: level[severity] },
            })),
          },
        },
        // Columns count UTF-16 code units, as in the editor (3.14.17).
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ rule, severity, message, site, related, fixes }, index) => {
          const ruleIndex = numbers.get(rule);
          return {
            ruleId: rule,
            ...(ruleIndex === undefined ? {} : { ruleIndex }),
            level: level[severity],
            message: { text: message },
            locations: [location(site)],
            partialFingerprints: { 'ruleFileAndLine/v1': prints[index] },
            ...(related.length === 0
              ? {}
              : {
                  relatedLocations: related.map((each) => ({
                    message: { text: each.message },
                    ...location(each.site),
                  })),
                }),
            ...(fixes.length === 0 ? {} : { fixes: fixes.map(fixObject) }),
          };
        }),
      },
    ],
  };
}

const level: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note', hint: 'note' };

function location(site: Site): object {
  return { physicalLocation: { artifactLocation: artifact(site), region: region(site) } };
}

/** A path beneath the current folder is relative to it; `-` is standard input. */
function artifact(site: Site): object {
  const { file } = place(site);
  if (file.startsWith('/')) return { uri: pathToFileURL(file).href };
  return { uri: file.split('/').map(encodeURIComponent).join('/') };
}

function region(site: Site): object {
  const { line, column, endLine, endColumn } = place(site);
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** Changes of one file at a time (3.55). */
function fixObject({ title, edits }: PlacedFix): object {
  return {
    description: { text: title },
    artifactChanges: [...Map.groupBy(edits, ({ site }) => site.uri).values()].map((own) => ({
      artifactLocation: own[0] === undefined ? {} : artifact(own[0].site),
      replacements: own.map(({ site, text }) => ({ deletedRegion: region(site), insertedContent: { text } })),
    })),
  };
}

/**
 * What a finding is known by when lines move: the rule, the file, the line's text, and the how manieth of those it is
 * (3.27.17).
 */
function fingerprints(findings: readonly Finding[], lineOf: (site: Site) => string): string[] {
  const counts = new Map<string, number>();
  return findings.map(({ rule, site }) => {
    const text = JSON.stringify([rule, place(site).file, lineOf(site).trim()]);
    const count = counts.get(text) ?? 0;
    counts.set(text, count + 1);
    const hash = sha256(new TextEncoder().encode(`${text}${count}`)).subarray(0, 16);
    return Buffer.from(hash).toString('hex');
  });
}
