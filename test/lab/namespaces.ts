import { spawn, spawnSync } from 'node:child_process';

/** What the names of this process's namespaces begin with. */
export const labPrefix = `hl${process.pid}`;

/** Runs a shell script, in a network namespace or outside; throws with what it wrote if it fails. */
export async function run(script: string, namespace?: string): Promise<void> {
  await runProgram(['sh', '-e'], script, namespace);
}

/** Runs a program with an input, and gives what it prints. */
export function runProgram(program: readonly string[], input: string, namespace?: string): Promise<string> {
  const [command = '', ...args] = namespace === undefined ? program : ['ip', 'netns', 'exec', namespace, ...program];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const errors: string[] = [];
    const printed: string[] = [];
    child.stdout.on('data', (data: Buffer) => printed.push(data.toString()));
    child.stderr.on('data', (data: Buffer) => errors.push(data.toString()));
    child.on('error', reject);
    // A shell that ended early says why on standard error.
    child.stdin.on('error', () => {});
    child.on('close', (status) =>
      status === 0
        ? resolve(printed.join(''))
        : reject(new Error(`${namespace ?? 'outside'}: ${errors.join('').trim() || `status ${status}`}\n${input}`)),
    );
    child.stdin.end(input);
  });
}

/** Why the lab can't run here; null if it can. */
export function whyNoLab(): string | null {
  if (process.getuid?.() !== 0) return 'it needs root';
  const missing = ['ip', 'iptables-restore', 'ip6tables-restore', 'nft', 'bridge'].filter(
    (tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0,
  );
  if (missing.length > 0) return `${missing.join(', ')} missing: Debian's iproute2, iptables, nftables`;
  const probe = `${labPrefix}-probe`;
  const works = spawnSync(
    'sh',
    [
      '-ec',
      `ip netns add ${probe}; trap 'ip netns del ${probe}' EXIT; ip netns exec ${probe} iptables -t nat -A ` +
        `POSTROUTING -m statistic --mode random --probability 0.5 -j MASQUERADE; ip netns exec ${probe} nft list ` +
        `ruleset >/dev/null; ip netns exec ${probe} sysctl -n net.bridge.bridge-nf-call-iptables >/dev/null`,
    ],
    { encoding: 'utf8' },
  );
  return works.status === 0
    ? null
    : `the kernel lets no namespaces or NAT be made: ${works.stderr.trim().split('\n').at(-1)}`;
}

/** Removes every namespace of a lab, whatever state it was left in. */
export function removeNamespaces(prefix: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  const names = stdout
    .split('\n')
    .flatMap((line) => line.split(' ')[0] ?? [])
    .filter((name) => name.startsWith(prefix));
  if (names.length > 0)
    spawnSync('ip', ['-batch', '-'], { input: names.map((name) => `netns del ${name}\n`).join('') });
}
