import { isAssumed } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldPath, isList, isMap, textOf, type Value } from '../../manifest/value.ts';
import { type Mark, markAt } from './links.ts';
import { referencePlacesOf } from './referencePlaces.ts';

/** So many are shown: whoever has more looks for them by a search. */
const mostShown = 200;

/**
 * Where a name stands that may mean the same object and that nobody knows to: in annotations, and in kinds that the
 * table of references hasn't, in fields whose names say that they name something.
 */
export function placesPerhapsNaming(model: ClusterModel, named: Manifest): Mark[] {
  const { name } = named;
  const full = `${namespaceOf(named)}/${name}`;
  return model.manifests
    .filter(({ uri, key }) => key !== named.key && !isAssumed(uri))
    .flatMap((manifest) => {
      const isKnown = referencePlacesOf(manifest).length > 1 || knownWithout.has(manifest.kind);
      return scalarsIn(manifest.value, []).flatMap(({ path, text }) => {
        if (text !== name && text !== full) return [];
        const isAnnotation = path[0] === 'metadata' && path[1] === 'annotations';
        if (!isAnnotation && (isKnown || path[0] === 'metadata' || !namingKey.test(lastKey(path)))) return [];
        return markAt(manifest, path, { text: name, at: text.length - name.length }) ?? [];
      });
    })
    .slice(0, mostShown);
}

/** Kinds that name nothing that is renamed. */
const knownWithout: ReadonlySet<string> = new Set(['ConfigMap', 'Secret', 'Namespace', 'Node', 'ClusterProfile']);

const namingKey = /(?:name|ref|service|secret|config|configmap|backend|target|host|upstream|namespace)s?$/i;

/** Where a host stands in a text: an address that a pod is given, an annotation, a redirect. */
export function textsWithHost(model: ClusterModel, host: string): Mark[] {
  const wanted = host.toLowerCase();
  return model.manifests
    .flatMap((manifest) =>
      scalarsIn(manifest.value, []).flatMap(({ path, text }) =>
        text.toLowerCase().includes(wanted)
          ? wholeNamesIn(text.toLowerCase(), wanted).flatMap(
              (at) => markAt(manifest, path, { text: text.slice(at, at + host.length), at }) ?? [],
            )
          : [],
      ),
    )
    .slice(0, mostShown);
}

/** Where a host stands in a text and isn't a part of a longer one. */
function wholeNamesIn(text: string, host: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(host); at !== -1; at = text.indexOf(host, at + 1)) {
    const [before, behind] = [text[at - 1] ?? ' ', text.slice(at + host.length)];
    if (!/[\w.*-]/.test(before) && !/^(?:[\w-]|\.\w)/.test(behind)) found.push(at);
  }
  return found;
}

interface Scalar {
  readonly path: FieldPath;
  readonly text: string;
}

function scalarsIn(value: Value, path: FieldPath): Scalar[] {
  if (isList(value)) return value.flatMap((each, index) => scalarsIn(each, [...path, index]));
  if (isMap(value)) return Object.entries(value).flatMap(([key, each]) => scalarsIn(each, [...path, key]));
  const text = textOf(value);
  return text === undefined ? [] : [{ path, text }];
}

function lastKey(path: FieldPath): string {
  return String(path.findLast((step) => typeof step === 'string') ?? '');
}
