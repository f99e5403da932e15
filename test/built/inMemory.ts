import { type BuildFiles, Builder } from '../../render/builder.ts';
import type { Renderer } from '../../render/renderer.ts';
import { Workspace } from '../../shared/insight/workspace.ts';

/** Files in memory, by path from the root, and a workspace that has all of them built. */
export class BuiltInMemory {
  readonly workspace = new Workspace(['/w']);
  readonly #texts: Map<string, string>;
  readonly #builder: Builder;

  constructor(renderer: Pick<Renderer, 'put' | 'remove' | 'build'>, texts: Readonly<Record<string, string>>) {
    this.#texts = new Map(Object.entries(texts).map(([path, text]) => [`/w/${path}`, text]));
    const files: BuildFiles = {
      read: async (uri) => this.#texts.get(uri) ?? null,
      list: async (folder) => [...this.#texts.keys()].filter((uri) => uri.startsWith(`${folder}/`)),
      isWithin: (uri) => uri.startsWith('/w/'),
      pathOf: (uri) => uri,
      uriOf: (path) => path,
    };
    this.#builder = new Builder(renderer, files);
    this.workspace.expectBuilds(true);
    for (const [uri, text] of this.#texts) if (/\.ya?ml$/.test(uri)) this.workspace.put(uri, text);
  }

  /** Changes a file, and has everything built anew. */
  async put(path: string, text: string): Promise<this> {
    this.#texts.set(`/w/${path}`, text);
    this.workspace.put(`/w/${path}`, text);
    return this.build();
  }

  async build(): Promise<this> {
    for (const plan of this.workspace.plans()) this.workspace.putBuild(plan, await this.#builder.build(plan));
    return this;
  }

  /** All that is said, a line each: `base/web.yaml:1 lens …`, `base/web.yaml:9 warning …`. */
  said(): string[] {
    const { workspace } = this;
    return workspace
      .uris()
      .toSorted()
      .flatMap((uri) => {
        const path = uri.slice('/w/'.length);
        const entry = workspace.entryLens(uri);
        return [
          ...(entry === null ? [] : [`${path}:${entry.site.range.start.line + 1} over it: ${entry.title}`]),
          ...workspace.lenses(uri).map(({ site, way, notes, name }) => {
            const beside = notes.filter((note) => !note.startsWith('~'));
            return `${path}:${site.range.start.line + 1} over ${name}: ${[way, ...beside].join(' | ')}`;
          }),
          ...workspace.findings(uri).map(({ site, severity, rule, message }) => {
            const { line } = site.range.start;
            return `${path}:${line + 1} ${severity} ${rule}: ${message}`;
          }),
        ];
      });
  }
}
