import { type OtherFinding, otherFindings } from '../shared/insight/otherFindings.ts';
import type { Finding, Rule } from '../shared/insight/rule.ts';
import { rules } from '../shared/insight/rules/all.ts';
import { topics } from '../shared/insight/topics.ts';
import { oneFile } from './scene.ts';

/** The pages of `docs/rules/`, by name, made from the rules' own files. */
export function rulePages(): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', indexPage()],
    ...rules.map((rule) => [`${rule.id}.md`, rulePage(rule)] as const),
    ...otherFindings.map((each) => [`${each.id}.md`, otherPage(each)] as const),
  ]);
}

/** The rules of each topic. */
const byTopic = Object.entries(topics).map(([id, { title, what }]) => ({
  title,
  what,
  rules: rules.filter(({ topic }) => topic === id),
}));

/** How many rules there are of each topic, which leads to its section in `index`: the README's table. */
export function shortTable(index: string): string {
  return [
    '| of | rules | what they find |',
    '|---|---|---|',
    ...byTopic.map(
      ({ title, what, rules: own }) => `| [${title}](${index}#${anchorOf(title)}) | ${own.length} | ${what} |`,
    ),
  ].join('\n');
}

/** A heading's anchor, as the usual readers of Markdown make it. */
function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}

function indexPage(): string {
  const row = ({ id, severity, meaning }: Pick<Rule, 'id' | 'severity' | 'meaning'>): string =>
    `| [\`${id}\`](${id}.md) | ${severity} | ${meaning} |`;
  const others = Map.groupBy(otherFindings, ({ of }) => of);
  return page([
    '# What Hoplens finds',
    "Made from the rules' own files, with what is said of their examples.",
    severityText,
    ...byTopic.flatMap(({ title, rules: own }) => [
      `## ${title}`,
      ['| rule | severity | what it means for traffic |', '|---|---|---|', ...own.map(row)].join('\n'),
    ]),
    ...[...others].flatMap(([of, own]) => [
      `## Of ${of}`,
      ['| finding | severity | what it means |', '|---|---|---|', ...own.map(row)].join('\n'),
    ]),
  ]);
}

const severityText =
  'An **error** is refused by the API server or the controller. A **warning** is traffic that is lost, surely, by ' +
  'what the set holds. An **info** is so by what usually follows, a **hint** is worth knowing.';

function rulePage(rule: Rule): string {
  const { id, severity, meaning, remedy, details, bad, also = [], good, link } = rule;
  const { title } = topics[rule.topic];
  const fixes = new Set([bad, ...also].flatMap(({ yaml }) => fixesFor(rule, plain(yaml))));
  return page([
    `# \`${id}\``,
    `**${severity}**, of [${title}](README.md#${anchorOf(title)}). ${meaning}`,
    `**What to do.** ${remedy}`,
    ...(details === undefined ? [] : [details.trim()]),
    '## What breaks it',
    ...[bad, ...also].map(({ yaml }) => fence(told(rule, yaml))),
    '## What is right',
    fence(plain(good)),
    ...(fixes.size === 0 ? [] : ['## Fixes', [...fixes].map((title) => `- ${title}`).join('\n')]),
    ...ignoring(id),
    `The fact behind it: <${link}>`,
  ]);
}

function otherPage({ id, severity, meaning, remedy }: OtherFinding): string {
  const head = [`# \`${id}\``, `**${severity}**. ${meaning}`, `**What to do.** ${remedy}`];
  return page([...head, ...ignoring(id)]);
}

function ignoring(id: string): string[] {
  return [
    '## Not wanted?',
    `\`# hoplens-ignore ${id}: reason\` behind the line, above it, or above the object's first line;` +
      ` \`# hoplens-ignore-file ${id}: reason\` at the file's beginning. In JSON, the object's annotation ` +
      `\`hoplens.dev/ignore: "${id}: reason"\`. In general: \`rules: { ${id}: off }\` in the \`spec\` of a` +
      ` \`ManifestSets\` document, the setting \`hoplens.rules\`, or \`hoplens lint --rule ${id}=off\`.`,
  ];
}

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function fence(yaml: string): string {
  return `\`\`\`yaml\n${yaml.trim()}\n\`\`\``;
}

const squiggle = /^( *)(~+)$/;

function plain(picture: string): string {
  return picture
    .split('\n')
    .filter((line) => !squiggle.test(line))
    .join('\n');
}

function findingsOf({ id }: Rule, yaml: string): readonly Finding[] {
  return oneFile(yaml)
    .findings('test.yaml')
    .filter(({ rule }) => rule === id);
}

function fixesFor(rule: Rule, yaml: string): readonly string[] {
  return findingsOf(rule, yaml).flatMap(({ fixes }) => fixes.map(({ title }) => title));
}

/** An example with what is said of each place below it. */
function told(rule: Rule, picture: string): string {
  const findings = findingsOf(rule, plain(picture));
  let line = -1;
  return picture
    .split('\n')
    .flatMap((text) => {
      const [, indent, tildes] = squiggle.exec(text) ?? [];
      if (indent === undefined || tildes === undefined) {
        line++;
        return [text];
      }
      const here = findings.filter(
        ({ site: { range } }) => range.start.line === line && range.start.character === indent.length,
      );
      return [
        `#${indent.slice(1)}${tildes}`,
        ...here.flatMap(({ severity, message }) => wrapped(`${severity}: ${message}`)),
      ];
    })
    .join('\n');
}

/** A message as lines of a comment. */
function wrapped(message: string): string[] {
  const lines: string[] = [];
  let own = '#';
  for (const word of message.split(' ')) {
    if (own.length + word.length > 100) {
      lines.push(own);
      own = '#';
    }
    own = `${own} ${word}`;
  }
  return [...lines, own];
}
