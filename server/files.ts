/** Texts in the order of the URIs that were asked for; null where there is none that counts. */
export type Texts = readonly (string | null)[];

/**
 * Where the files that nobody has open are read: a disk, or the file systems that the editor knows. Each is known by
 * its URI; folders have no slash at their end. What can't be read isn't there.
 */
export interface Files {
  /** The files under a folder that are called as files with manifests are, nearest first. */
  readonly manifestsUnder: (folder: string) => Promise<readonly string[]>;
  /**
   * The texts of files that may be about Kubernetes. No promise where the disk is at hand: for thousands of small files
   * promises take the main thread seven times as long as reading does.
   */
  readonly manifests: (uris: readonly string[]) => Texts | Promise<Texts>;
  /**
   * Any file that something is built of, as text. What is no text, or is too large, is there all the same: a ConfigMap
   * may be made of it, and of that nothing but its being there matters.
   */
  readonly source: (uri: string) => Promise<string | null>;
  /** All files under a chart's folder. */
  readonly sourcesUnder: (folder: string) => Promise<readonly string[]>;
  readonly isFolder: (uri: string) => Promise<boolean>;
}

/** Some files here, the others there. */
export function filesIn(placeOf: (uri: string) => Files): Files {
  return {
    manifestsUnder: (folder) => placeOf(folder).manifestsUnder(folder),
    manifests: (uris) => {
      const [first] = uris;
      if (first === undefined) return [];
      const place = placeOf(first);
      if (uris.every((each) => placeOf(each) === place)) return place.manifests(uris);
      return Promise.all(uris.map(async (uri) => (await placeOf(uri).manifests([uri]))[0] ?? null));
    },
    source: (uri) => placeOf(uri).source(uri),
    sourcesUnder: (folder) => placeOf(folder).sourcesUnder(folder),
    isFolder: (uri) => placeOf(uri).isFolder(uri),
  };
}

/** A place without files. */
export const noFiles: Files = {
  manifestsUnder: () => Promise.resolve([]),
  manifests: (uris) => uris.map(() => null),
  source: () => Promise.resolve(null),
  sourcesUnder: () => Promise.resolve([]),
  isFolder: () => Promise.resolve(false),
};
