import { loadBalancerKinds } from '../network/loadBalancers/catalogue.ts';

/** Something that can be written where the cursor stands. */
export interface Completion {
  readonly label: string;
  /** What is written in place of what was typed of it. */
  readonly text: string;
  /** Whose it is. */
  readonly detail: string;
  readonly documentation: string;
  /** How much of the line before the cursor it replaces, in characters. */
  readonly typed: number;
}

/**
 * The annotations that a load balancer's controller reads, below `annotations:` of a Service; elsewhere none. It looks
 * at lines alone, because a key that is being typed isn't YAML yet.
 */
export function completionsAt(
  text: string,
  { line, character }: { readonly line: number; readonly character: number },
): Completion[] {
  const lines = text.split('\n');
  const before = (lines[line] ?? '').slice(0, character);
  const typed = /^(\s+)([\w./-]*)$/.exec(before);
  if (typed === null) return [];
  const [, indent = '', key = ''] = typed;
  const parent = lines
    .slice(0, line)
    .findLast((each) => each.trim() !== '' && !each.trim().startsWith('#') && indentOf(each) < indent.length);
  if (parent === undefined || parent.trim() !== 'annotations:') return [];
  const start = lines.slice(0, line).findLastIndex(isSeparator) + 1;
  const end = lines.slice(line).findIndex(isSeparator);
  const document = lines.slice(start, end === -1 ? undefined : line + end);
  if (!document.some((each) => /^kind:\s*["']?Service["']?\s*$/.test(each))) return [];
  const written = new Set(document.map((each) => /^\s*["']?([\w./-]+)["']?\s*:/.exec(each)?.[1]));
  const known = new Map(
    loadBalancerKinds.flatMap(({ title, annotations }) =>
      annotations.map(({ name, meaning }) => [name, { title, meaning }] as const),
    ),
  );
  return [...known]
    .filter(([name]) => !written.has(name) && name.includes(key))
    .map(([name, { title, meaning }]) => ({
      label: name,
      text: `${name}: `,
      detail: title,
      documentation: meaning,
      typed: key.length,
    }));
}

function isSeparator(line: string): boolean {
  return /^---(?:\s|$)/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
