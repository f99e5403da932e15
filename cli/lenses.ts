import type { Workspace } from '../shared/insight/workspace.ts';
import { printable } from '../shared/manifest/printable.ts';
import { bad, dim } from './colour.ts';
import { type InputOptions, readInput, scenesOf, typedName } from './input.ts';
import { UnusableInput } from './unusableInput.ts';

/** `hoplens lenses`: what the editor shows over each Service and Ingress. */
export async function lenses(given: InputOptions, format: string): Promise<number> {
  if (format !== 'text' && format !== 'json') throw new UnusableInput(`--format can be text or json, not ${format}.`);
  const input = await readInput(given);
  const { workspace } = input;
  const scenes = scenesOf(input);
  const shown = input.isTogether
    ? scenes.flatMap((scene) => scene.files.flatMap((file) => scene.lenses(file)).map((lens) => ({ lens, set: '' })))
    : [...new Set(input.uris)].flatMap((uri) =>
        workspace.lenses(uri).map((lens) => ({ lens, set: setOf(workspace, uri) })),
      );
  if (format === 'json') {
    const json = shown.map(({ set, lens: { site, kind, namespace, name, way, outcome, notes, ask } }) => ({
      file: typedName(site.uri),
      line: site.range.start.line + 1,
      kind,
      namespace,
      name,
      text: way,
      delivered: outcome === 'arrives',
      notes,
      target: ask?.target.text ?? null,
      from: ask?.from ?? null,
      set,
    }));
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  } else {
    for (const { lens } of shown) {
      const { site, kind, name, way, outcome, notes } = lens;
      const place = dim(`${typedName(site.uri)}:${site.range.start.line + 1}`);
      const says = [outcome === 'arrives' ? printable(way) : bad(printable(way)), ...notes.map(printable)].join(' | ');
      process.stdout.write(`${place}  ${kind} ${printable(name)}: ${says}\n`);
    }
  }
  return 0;
}

/** The set that lenses of a file speak of: an overlay's or a chart's name, else a folder or a file. */
function setOf(workspace: Workspace, uri: string): string {
  const root = workspace.sceneOf(uri)?.set.root;
  return workspace.builtOf(uri)[0]?.plan.label ?? (root === undefined ? '' : typedName(root));
}
