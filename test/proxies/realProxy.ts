import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a proxy of this name is on the machine. */
export function isThere(command: string): boolean {
  return spawnSync(command, ['-v']).status === 0;
}

/** Runs something in a folder of its own, which is gone afterwards. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hoplens-proxy-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A real proxy to start, in a folder, and the port at which it answers. */
export interface RealProxy {
  readonly command: 'nginx' | 'haproxy';
  readonly config: string;
  readonly folder: string;
  readonly port: number;
  /** Whose failure it is. */
  readonly label: string;
}

/** Starts a proxy, runs something while it answers, and stops it. */
export async function withProxy<T>(proxy: RealProxy, run: () => Promise<T>): Promise<T> {
  const { command, config, folder, port, label } = proxy;
  const file = join(folder, `${command}.conf`);
  writeFileSync(file, config);
  const [check, start] =
    command === 'nginx'
      ? [
          ['-t', '-c', file, '-p', folder],
          ['-c', file, '-p', folder],
        ]
      : [
          ['-c', '-f', file],
          ['-db', '-f', file],
        ];
  const checked = spawnSync(command, check, { encoding: 'utf8' });
  if (checked.status !== 0) throw new Error(`${label}: ${checked.stderr}${checked.stdout}\n${config}`);
  const child = spawn(command, start, { stdio: 'ignore' });
  try {
    await until(
      async () =>
        (await ask(port, 'x', '/').catch((error: NodeJS.ErrnoException) =>
          error.code === 'ECONNREFUSED' ? '' : 'there',
        )) !== '',
    );
    return await run();
  } finally {
    const ended = child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : undefined;
    child.kill();
    await ended;
  }
}

/** `404`, or `200` with what the proxy says. The path is sent as it is written, from a local address. */
export function ask(port: number, host: string, path: string, from = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, localAddress: from, headers: { host }, agent: false, timeout: 2000 },
      (response) => {
        let body = '';
        response.on('data', (data: Buffer) => {
          body += data.toString();
        });
        response.on('end', () => resolve(response.statusCode === 200 ? `200 ${body}` : `${response.statusCode}`));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end();
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the proxy did not start');
}
