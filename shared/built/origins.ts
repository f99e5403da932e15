import type { Field, ObjectKey } from '../manifest/manifest.ts';
import { fieldAt, type ParsedFile } from '../manifest/parseFile.ts';
import type { Position, Site } from '../manifest/position.ts';
import type { FieldPath } from '../manifest/value.ts';
import { type BuiltField, type BuiltSet, renderedOf } from './builtSet.ts';
import { helmPathsAt, helmSite, helmTemplateSite, type HelmSources } from './helmOrigins.ts';
import {
  kustomizePathAt,
  kustomizeSite,
  type KustomizeSources,
  kustomizeStart,
  settersIn,
  kustomizeFields,
} from './kustomizeOrigins.ts';

/** Leads what was built back to the lines that a person edits, and from there to what is built of them. */
export interface Origins {
  /** Where a field is decided; null where nothing shows it. */
  readonly siteOf: (field: Field) => Site | null;
  /** Where an object begins: in its base, in its template. */
  readonly startOf: (key: ObjectKey) => Site | null;
  /** The fields that a place of a source decides, in the order in which their objects were printed. */
  readonly fieldsAt: (uri: string, position: Position) => readonly BuiltField[];
}

export function originsOf(set: BuiltSet): Origins {
  const file = (uri: string): ParsedFile | null => set.files.get(uri) ?? null;
  return set.plan.kind === 'chart' ? helmOrigins(set, file) : kustomizeOrigins(set, file);
}

function helmOrigins(set: BuiltSet, file: (uri: string) => ParsedFile | null): Origins {
  const sources: HelmSources = {
    valuesFiles: set.valuesFiles,
    values: set.values,
    inline: set.plan.chart?.inline ?? [],
    file,
  };
  const at = (key: ObjectKey, path: FieldPath): FieldPath => [...(set.file.standing.get(key)?.path ?? []), ...path];
  return {
    siteOf: ({ object, path, part }) => {
      const found = renderedOf(set, object);
      return found && helmSite(sources, found.rendered, found.document, { path: at(object, path), part });
    },
    startOf: (object) => {
      const found = renderedOf(set, object);
      if (found === null) return null;
      const kind = at(object, ['kind']);
      return (
        helmTemplateSite(sources, found.rendered, found.document, kind) ??
        (found.rendered.template === null ? null : startOfFile(found.rendered.template))
      );
    },
    fieldsAt: (uri, position) =>
      set.file.manifests.flatMap((manifest) => {
        const found = renderedOf(set, manifest.key);
        if (found === null || !mayComeFrom(set, found.rendered.template, uri)) return [];
        const own = at(manifest.key, []);
        return helmPathsAt(sources, found.rendered, found.document, { uri, position }).flatMap((path) =>
          own.every((step, index) => path[index] === step) ? [{ manifest, path: path.slice(own.length) }] : [],
        );
      }),
  };
}

/** A values file can decide of every object, a template of those that it makes or takes part in. */
function mayComeFrom({ valuesFiles }: BuiltSet, template: string | null, uri: string): boolean {
  return template === uri || uri.endsWith('.tpl') || valuesFiles.some((each) => each.uri === uri);
}

function startOfFile(uri: string): Site {
  return { uri, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } };
}

function kustomizeOrigins(set: BuiltSet, file: (uri: string) => ParsedFile | null): Origins {
  const built = new Map(
    set.file.manifests.flatMap((manifest) => {
      const found = renderedOf(set, manifest.key);
      return found === null ? [] : [[manifest.key, { manifest, rendered: found.rendered }] as const];
    }),
  );
  const sources: KustomizeSources = {
    settersOf: settersIn(set.plan, file),
    file,
    objects: [...built.values()],
  };
  const decidedAt = kustomizeFields(sources);
  return {
    siteOf: (field) => {
      const found = built.get(field.object);
      return found === undefined ? null : kustomizeSite(sources, found, field);
    },
    startOf: (key) => {
      const found = built.get(key);
      return found === undefined ? null : kustomizeStart(sources, found);
    },
    fieldsAt: (uri, position) => {
      const source = file(uri);
      const at = source === null ? null : fieldAt(source, position);
      const direct =
        at === null
          ? []
          : sources.objects.flatMap(({ manifest, rendered }) => {
              const path = kustomizePathAt(uri, at, manifest, rendered);
              return path === null ? [] : [{ manifest, path }];
            });
      return direct.length > 0 || isBetween(source, position) ? direct : decidedAt(uri, position);
    },
  };
}

/** Whether a line says nothing: it is empty, or a comment. */
function isBetween(file: ParsedFile | null, { line }: Position): boolean {
  return file === null || /^\s*(?:#.*)?$/.test(file.text.split('\n')[line] ?? '');
}
