import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8'),
);

/** Where Node would find a dependency: in the package's own node_modules, else in those around it. */
function places(dependent: string, name: string): string[] {
  const parents = dependent === '' ? [] : dependent.split('/node_modules/');
  const around = parents.map((_, index) => `${parents.slice(0, index + 1).join('/node_modules/')}/`);
  return ['', ...around].map((folder) => `${folder}node_modules/${name}`);
}

/**
 * npm writes a lock file by what is in node_modules: made beside an installation, it can lack the other platforms'
 * packages (npm/cli#4828), and `npm ci` fails there. `rm -r node_modules package-lock.json`, then `npm install
 * --package-lock-only --omit-lockfile-registry-resolved` makes a whole one.
 */
test("the lock file holds every platform's packages", () => {
  const missing = Object.entries(lock.packages).flatMap(([dependent, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !places(dependent, name).some((place) => place in lock.packages))
      .map((name) => `${name} of ${dependent}`),
  );
  expect(missing).toEqual([]);
});

test('the lock file names no registry, and what each package must hold', () => {
  const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
  expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([place]) => place)).toEqual([]);
  expect(packages.filter(([, { integrity }]) => integrity === undefined).map(([place]) => place)).toEqual([]);
});
