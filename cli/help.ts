import type { CommandHelp, Option } from './options.ts';

/** The help's width: that of a usual terminal, with the wrapped texts beside their names. */
const width = 100;

/** `hoplens help`: every command in a line. */
export function overview(commands: Readonly<Record<string, { readonly help: CommandHelp }>>): string {
  return `Usage: hoplens COMMAND [options]

${table(Object.entries(commands).map(([name, { help }]) => [name, help.does]))}

hoplens help COMMAND (or hoplens COMMAND --help) lists its options, with examples.
hoplens --version prints the version.

Exit status: 0 all is well, 1 some path isn't delivered or something was found, 2 unusable input.
`;
}

/** `hoplens help COMMAND`: all its options, and examples. */
export function helpText({ usage, does, takes, options, status, examples }: CommandHelp): string {
  const rows = [...Object.entries(options).map(optionRow), ['-h, --help', 'this text'] as const];
  return `Usage: ${usage}

${capitalized(does)}.

${takes.length === 0 ? '' : `${table(takes)}\n\n`}Options:
${table(rows)}

Exit status: ${status}.

Examples:
${examples.map(([command, shows]) => `  ${command}\n      ${shows}`).join('\n')}
`;
}

function optionRow([name, option]: readonly [string, Option]): readonly [string, string] {
  const value = option.value === null ? '' : ` ${option.value}`;
  const usual = typeof option.default === 'string' ? ` (default: ${option.default})` : '';
  return [`${option.short === undefined ? '   ' : `-${option.short},`} --${name}${value}`, `${option.says}${usual}`];
}

/** Names on the left, what is said of them wrapped on the right. */
function table(rows: readonly (readonly [name: string, says: string])[]): string {
  const column = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows
    .map(([name, says]) => `  ${name}`.padEnd(column) + wrapped(says, width - column).join(`\n${' '.repeat(column)}`))
    .join('\n');
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) lines.splice(-1, 1, `${line} ${word}`);
    else lines.push(word);
  }
  return lines;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
