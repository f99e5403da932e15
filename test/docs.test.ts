import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The lines of the room plan in docs/architecture.md: what is indented stands in the folder above. */
function planLines(): { readonly path: string; readonly says: string }[] {
  const [, plan = ''] = /<!-- rooms -->([^]*)<!-- \/rooms -->/.exec(read('docs/architecture.md')) ?? [];
  const folders: string[] = [];
  return plan.split('\n').flatMap((line) => {
    const [, indent = '', name] = /^ {4}( *)(\S+)/.exec(line) ?? [];
    if (name === undefined) return [];
    folders.length = indent.length / 2;
    folders.push(name);
    return [{ path: folders.join(''), says: line }];
  });
}

test('the room plan in docs/architecture.md is what is there', () => {
  const planned = planLines().map(({ path }) => path);
  const rooms = globSync(['{shared,server,client,cli}/**', 'test/*'], { cwd: root, withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(
      (each) =>
        `${join(each.parentPath, each.name)
          .slice(root.length + 1)
          .replaceAll('\\', '/')}/`,
    );
  expect(planned.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(planned.filter((path, index) => planned.indexOf(path) !== index)).toEqual([]);
  expect(rooms.filter((path) => !planned.includes(path))).toEqual([]);
});

test('a room that lists a file lists all of them', () => {
  const files = new Map<string, string>();
  for (const { path, says } of planLines())
    if (!path.endsWith('/')) files.set(dirname(path), `${files.get(dirname(path)) ?? ''} ${says}`);
  const missing = [...files].flatMap(([room, says]) => {
    const named = new Set(says.match(/[\w.-]+\.(?:ts|tsx|mjs)\b/g));
    return globSync('*.{ts,tsx,mjs}', { cwd: join(root, room) })
      .filter((file) => !file.endsWith('.test.ts') && !named.has(file))
      .map((file) => `${room}/${file}`);
  });
  expect(missing).toEqual([]);
});

/** A path in backticks, or what a link leads to. A placeholder is in capitals. */
const named = /`((?:shared|server|client|cli|render|test|docs|examples)\/[\w./-]+)`|\]\((?!https?:)([\w./-]+)\)/g;

test('what the docs name is there', () => {
  const pages = globSync(['*.md', 'docs/*.md', 'examples/*/README.md'], { cwd: root });
  const missing = pages.flatMap((page) =>
    [...read(page).matchAll(named)]
      .map(([, path, link = '']) => path ?? join(dirname(page), link))
      .filter((path) => !/\/[A-Z]+(?:\.ts|\/)/.test(path) && !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});
