import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { helpText, overview } from './help.ts';
import { type InputOptions } from './input.ts';
import { UnusableInput } from './unusableInput.ts';
import { lenses } from './lenses.ts';
import { lint } from './lint.ts';
import {
  type CommandHelp,
  lensesHelp,
  lintHelp,
  reachHelp,
  routesHelp,
  rulesHelp,
  serverHelp,
  traceHelp,
} from './options.ts';
import { reach } from './reach.ts';
import { requests } from './requests.ts';
import { routes } from './routes.ts';
import { rules } from './rules.ts';
import { trace } from './trace.ts';

/** The command line: the same engine as the editor's. Exit status 2 means unusable input, said in one line. */
interface Command {
  readonly help: CommandHelp;
  run(argv: string[]): number | Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  trace: {
    help: traceHelp,
    run(argv) {
      const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options: traceHelp.options });
      const [target, extra] = positionals;
      if (values.requests !== undefined) {
        if (target !== undefined) throw new UnusableInput('hoplens trace takes a TARGET or --requests FILE, not both.');
        if (values.rules || values.format === 'mermaid')
          throw new UnusableInput('--requests prints lines of JSON: it takes neither --rules nor --format mermaid.');
        return requests({
          requests: values.requests,
          ...inputOf(values, values.file),
          from: values.from,
          method: values.method,
          protocol: values.protocol,
          headers: values.header ?? [],
          assume: values.assume ?? [],
        });
      }
      if (target === undefined || extra !== undefined)
        throw new UnusableInput('hoplens trace takes one TARGET, such as svc/web or http://shop.example.com/cart.');
      return trace({
        target,
        ...inputOf(values, values.file),
        from: values.from,
        method: values.method,
        headers: values.header ?? [],
        protocol: values.protocol,
        format: values.format,
        rules: values.rules,
        assume: values.assume ?? [],
      });
    },
  },
  lint: {
    help: lintHelp,
    run(argv) {
      const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options: lintHelp.options });
      return lint({
        ...inputOf(values, [...(values.file ?? []), ...positionals]),
        format: values.format,
        failOn: values['fail-on'],
        rules: values.rule ?? [],
        fix: values.fix,
      });
    },
  },
  rules: {
    help: rulesHelp,
    run(argv) {
      const { values } = parseArgs({ args: argv, options: rulesHelp.options });
      if (values.node === undefined) throw new UnusableInput('hoplens rules needs --node NAME.');
      return rules({
        node: values.node,
        ...inputOf(values, values.file),
        mode: values.mode,
        family: values.family,
      });
    },
  },
  routes: {
    help: routesHelp,
    run(argv) {
      const { values } = parseArgs({ args: argv, options: routesHelp.options });
      return routes({ ...inputOf(values, values.file), host: values.host, format: values.format });
    },
  },
  reach: {
    help: reachHelp,
    run(argv) {
      const { values } = parseArgs({ args: argv, options: reachHelp.options });
      return reach({
        ...inputOf(values, values.file),
        from: values.from,
        to: values.to,
        port: values.port,
        format: values.format,
      });
    },
  },
  lenses: {
    help: lensesHelp,
    run(argv) {
      const { values } = parseArgs({ args: argv, options: lensesHelp.options });
      return lenses(inputOf(values, values.file), values.format);
    },
  },
  server: {
    help: serverHelp,
    async run(argv) {
      const { values } = parseArgs({ args: argv, options: serverHelp.options });
      if (!values.stdio)
        throw new UnusableInput('hoplens server speaks over standard input and output alone: hoplens server --stdio.');
      const { serveStdio } = await import('../server/stdio.ts');
      return serveStdio();
    },
  },
};

/** The options that say what is judged. */
function inputOf(
  { set, values, release, namespace, profile }: BuildingValues,
  files: readonly string[] | undefined,
): InputOptions {
  return { files: files ?? [], profile, set, values: values ?? [], release, namespace };
}

interface BuildingValues extends Partial<Record<'set' | 'release' | 'namespace' | 'profile', string | undefined>> {
  readonly values?: string[] | undefined;
}

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-V') return print(`${manifest.version}\n`);
  if (name === '--help' || name === '-h' || name === 'help') {
    const [about] = argv;
    return print(about === undefined ? overview(commands) : helpText(commandOf(about).help));
  }
  const command = commandOf(name);
  return isHelpAsked(argv) ? print(helpText(command.help)) : command.run(argv);
}

function commandOf(name: string | undefined): Command {
  const command = Object.entries(commands).find(([each]) => each === name)?.[1];
  if (command !== undefined) return command;
  const names = Object.keys(commands).join(', ');
  throw new UnusableInput(`There is no command ${name ?? '(none given)'}; there are ${names}. Try hoplens --help.`);
}

/** What follows `--` is no option. */
function isHelpAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).some((each) => each === '--help' || each === '-h');
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

// Whoever reads the output may stop early, as `head` does, and an editor may be gone.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isOurs =
    error instanceof UnusableInput ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  const isSystem = error instanceof Error && 'syscall' in error;
  process.stderr.write(
    isOurs || isSystem
      ? `hoplens: ${error.message.split('\n')[0]}\n`
      : `hoplens: a fault of Hoplens itself. ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 2;
}
