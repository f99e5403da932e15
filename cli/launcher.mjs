#!/usr/bin/env node
// What `hoplens` starts: the build copies this file to dist/cli.mjs, beside the bundle. Its syntax is old on purpose:
// an old Node says in one line what is missing and never reads the bundle. A test compares the version with the one of
// package.json.
const needed = '22.13';
const [major, minor] = process.versions.node.split('.').map(Number);
const [neededMajor, neededMinor] = needed.split('.').map(Number);
if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) {
  import('./hoplens.mjs');
} else {
  process.stderr.write(`hoplens: needs Node ${needed} or newer; this is Node ${process.versions.node}.\n`);
  process.exitCode = 2;
}
