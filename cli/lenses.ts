import { printable } from '../shared/manifest/printable.ts';
import { bad, dim } from './colour.ts';
import { typedName, readInput, scenesOf, UnusableInput } from './input.ts';

/** `hoplens lenses`: what the editor shows over each Service and Ingress. */
export function lenses(files: readonly string[], profile: string | undefined, format: string): number {
  if (format !== 'text' && format !== 'json') throw new UnusableInput(`--format can be text or json, not ${format}.`);
  const input = readInput(files, profile);
  const asked = new Set(input.uris);
  const shown = scenesOf(input).flatMap((scene) =>
    scene.files
      .filter(({ uri }) => asked.has(uri) && (input.isTogether || input.workspace.sceneOf(uri) === scene))
      .flatMap((file) => scene.lenses(file)),
  );
  if (format === 'json') {
    const json = shown.map(({ site, kind, namespace, name, way, isDelivered, notes, ask }) => ({
      file: typedName(site.uri),
      line: site.range.start.line + 1,
      kind,
      namespace,
      name,
      text: way,
      delivered: isDelivered,
      notes,
      target: ask?.target.text ?? null,
      from: ask?.from ?? null,
    }));
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  } else {
    for (const { site, kind, name, way, isDelivered, notes } of shown) {
      const place = dim(`${typedName(site.uri)}:${site.range.start.line + 1}`);
      const says = [isDelivered ? printable(way) : bad(printable(way)), ...notes.map(printable)].join(' | ');
      process.stdout.write(`${place}  ${kind} ${printable(name)}: ${says}\n`);
    }
  }
  return 0;
}
