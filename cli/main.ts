#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { UnusableInput } from './input.ts';
import { lenses } from './lenses.ts';
import { lint } from './lint.ts';
import { rules } from './rules.ts';
import { trace } from './trace.ts';

/** The command line: the same engine as the editor's. Exit status 2 means unusable input, said in one line. */
const usage = `Usage:
  hoplens trace TARGET [-f PATH]... [--from WHO] [--profile FILE] [--method M] [--header K:V]... [--protocol tcp|udp|sctp] [--format text|json|mermaid] [--rules] [--assume WHAT]...
  hoplens lint  [PATH]... [--profile FILE] [--format text|json|sarif|github] [--fail-on error|warning|info|never]
  hoplens rules --node NAME [-f PATH]... [--profile FILE] [--mode iptables|nftables] [--family ipv4|ipv6]
  hoplens lenses [-f PATH]... [--profile FILE] [--format text|json]
  hoplens server --stdio

  TARGET  http(s)://host[:port]/path, svc/NAME[.NAMESPACE][:PORT], ADDRESS:PORT, or a DNS name and port
  WHO     internet (the default), pod (any pod), pod/NAME[.NAMESPACE], deploy/NAME[.NAMESPACE], node/NAME, or an address
  WHAT    what if: node/NAME=down|drained|just-drained, pod/NAME[.NAMESPACE]=not-ready|terminating|gone,
          svc/NAME[.NAMESPACE].externalTrafficPolicy=Cluster|Local (or internal)
  --rules each line of kube-proxy's rules that the packet meets, with the line of YAML behind it
  -f      a file or a folder, repeatable; - is standard input; without it, the current folder

Exit status: 0 all is well, 1 some path isn't delivered or something was found, 2 unusable input.
`;

const file = { type: 'string', short: 'f', multiple: true } as const;
const profile = { type: 'string' } as const;
const format = { type: 'string', default: 'text' } as const;

type Command = (argv: string[]) => number | Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  trace(argv) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        file,
        profile,
        format,
        from: { type: 'string', default: 'internet' },
        method: { type: 'string', default: 'GET' },
        header: { type: 'string', multiple: true },
        protocol: { type: 'string', default: 'tcp' },
        rules: { type: 'boolean', default: false },
        assume: { type: 'string', multiple: true },
      },
    });
    const [target, extra] = positionals;
    if (target === undefined || extra !== undefined)
      throw new UnusableInput('hoplens trace takes one TARGET, such as svc/web or http://shop.example.com/cart.');
    return trace({
      target,
      files: values.file ?? [],
      from: values.from,
      profile: values.profile,
      method: values.method,
      headers: values.header ?? [],
      protocol: values.protocol,
      format: values.format,
      rules: values.rules,
      assume: values.assume ?? [],
    });
  },
  lint(argv) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { profile, format, 'fail-on': { type: 'string', default: 'error' } },
    });
    return lint(positionals, values.profile, values.format, values['fail-on']);
  },
  lenses(argv) {
    const { values } = parseArgs({ args: argv, options: { file, profile, format } });
    return lenses(values.file ?? [], values.profile, values.format);
  },
  rules(argv) {
    const { values } = parseArgs({
      args: argv,
      options: {
        file,
        profile,
        node: { type: 'string' },
        mode: { type: 'string' },
        family: { type: 'string', default: 'ipv4' },
      },
    });
    if (values.node === undefined) throw new UnusableInput('hoplens rules needs --node NAME.');
    return rules({
      node: values.node,
      files: values.file ?? [],
      profile: values.profile,
      mode: values.mode,
      family: values.family,
    });
  },
  async server(argv) {
    const { values } = parseArgs({ args: argv, options: { stdio: { type: 'boolean', default: false } } });
    if (!values.stdio)
      throw new UnusableInput('hoplens server speaks over standard input and output alone: hoplens server --stdio.');
    const { serveStdio } = await import('../server/stdio.ts');
    return serveStdio();
  },
};

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help' || argv.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined)
    throw new UnusableInput(
      `There is no command ${name ?? '(none given)'}; there are ${Object.keys(commands).join(', ')}. Try hoplens --help.`,
    );
  return command(argv);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isOurs =
    error instanceof UnusableInput ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  const isSystem = error instanceof Error && 'syscall' in error;
  if (!isOurs && !isSystem) throw error;
  process.stderr.write(`hoplens: ${error.message.split('\n')[0]}\n`);
  process.exitCode = 2;
}
