#!/usr/bin/env node
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clusterModelOf } from '../shared/cluster/clusterModel.ts';
import { assumedProfile, isProfile, readProfile } from '../shared/cluster/profile.ts';
import { type Manifest, manifestsOf } from '../shared/manifest/manifest.ts';
import { parseFile } from '../shared/manifest/parseFile.ts';
import { readOrigin, readTarget } from '../shared/trace/readRequest.ts';
import { traceJson } from '../shared/trace/traceJson.ts';
import { traceRequest } from '../shared/trace/traceRequest.ts';
import { traceText } from '../shared/trace/traceText.ts';

/** The command line: the same engine as the editor's. Exit status 2 means unusable input, said in one line. */
class UnusableInput extends Error {}

const usage = `Usage: hoplens trace TARGET [-f PATH]... [--from WHO] [--profile FILE] [--method M] [--header K:V]... [--protocol tcp|udp|sctp] [--format text|json]
`;

function filesUnder(path: string): string[] {
  let stat;
  try {
    stat = statSync(path);
  } catch {
    throw new UnusableInput(`There is no file or folder ${path}.`);
  }
  if (!stat.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const inside = join(path, entry.name);
    return entry.isDirectory() ? filesUnder(inside) : /\.(?:ya?ml|json)$/.test(entry.name) ? [inside] : [];
  });
}

function readManifests(paths: readonly string[]): Manifest[] {
  return paths.flatMap((path) => {
    if (path === '-') return manifestsOf(parseFile('-', readFileSync(0, 'utf8')));
    return filesUnder(path).sort().flatMap((file) => manifestsOf(parseFile(resolve(file), readFileSync(file, 'utf8'))));
  });
}

function main(argv: readonly string[]): number {
  const [command, ...rest] = argv;
  if (command === '--help' || command === '-h') {
    process.stdout.write(usage);
    return 0;
  }
  if (command !== 'trace') throw new UnusableInput(`There is no command ${command ?? '(none)'}; try hoplens --help.`);
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      file: { type: 'string', short: 'f', multiple: true },
      from: { type: 'string', default: 'internet' },
      profile: { type: 'string' },
      method: { type: 'string', default: 'GET' },
      header: { type: 'string', multiple: true },
      protocol: { type: 'string', default: 'tcp' },
      format: { type: 'string', default: 'text' },
    },
  });
  const [target, extra] = positionals;
  if (target === undefined || extra !== undefined) throw new UnusableInput('hoplens trace takes one TARGET; try hoplens --help.');
  const manifests = readManifests(values.file ?? ['.']);
  const profileManifest = (values.profile === undefined ? manifests : readManifests([values.profile])).find(isProfile);
  if (values.profile !== undefined && profileManifest === undefined) throw new UnusableInput(`${values.profile} holds no ClusterProfile.`);
  const { profile, problems } = profileManifest === undefined ? { profile: assumedProfile, problems: [] } : readProfile(profileManifest);
  const [problem] = problems;
  if (problem !== undefined) throw new UnusableInput(problem.message);
  const model = clusterModelOf(manifests, profile);
  const readT = readTarget(target);
  if (readT.kind === 'unreadable') throw new UnusableInput(readT.message);
  const readO = readOrigin(values.from, model);
  if (readO.kind === 'unreadable') throw new UnusableInput(readO.message);
  const protocols = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const;
  const protocol = Object.entries(protocols).find(([name]) => name === values.protocol)?.[1];
  if (protocol === undefined) throw new UnusableInput(`--protocol can be tcp, udp or sctp, not ${values.protocol}.`);
  const headers = new Map((values.header ?? []).map((each) => {
    const colon = each.indexOf(':');
    if (colon < 1) throw new UnusableInput(`--header takes NAME:VALUE, not ${JSON.stringify(each)}.`);
    return [each.slice(0, colon).trim().toLowerCase(), each.slice(colon + 1).trim()] as const;
  }));
  const trace = traceRequest(model, { from: readO.value, target: readT.value, protocol, method: values.method, headers });
  const nameOf = (uri: string): string => relative(process.cwd(), uri) || uri;
  if (values.format === 'json') process.stdout.write(`${JSON.stringify(traceJson(trace, nameOf), null, 2)}\n`);
  else if (values.format === 'text') process.stdout.write(traceText(trace, nameOf));
  else throw new UnusableInput(`--format can be text or json, not ${values.format}.`);
  return trace.paths.every(({ verdict }) => verdict.kind === 'delivered') ? 0 : 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const isOurs = error instanceof UnusableInput || error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!isOurs) throw error;
  process.stderr.write(`hoplens: ${error.message.split('\n')[0]}\n`);
  process.exitCode = 2;
}
