import type { ClusterModel } from '../cluster/clusterModel.ts';
import { serviceNamed } from '../cluster/lookups.ts';
import type { Service } from '../cluster/service.ts';
import type { Manifest, ObjectKey } from '../manifest/manifest.ts';
import { type ParsedFile, siteOfField } from '../manifest/parseFile.ts';
import { placeholderAt, placeholdersIn } from '../manifest/placeholder.ts';
import type { Askable } from './asks.ts';
import type { Finding, Found } from './rule.ts';

/**
 * What is said of values that something fills in later: once a file that they are there, and nothing that depends on
 * them.
 */
export function placeholderNote(file: ParsedFile): Finding[] {
  const all = file.manifests.flatMap((manifest) =>
    placeholdersIn(manifest).map(({ path, text }) => ({ object: manifest.key, path, text })),
  );
  const [first] = all;
  const site = first === undefined ? null : siteOfField(file, { ...first, part: 'value' });
  if (site === null) return [];
  const texts = [...new Set(all.map(({ text }) => text))];
  const listed = `${texts.slice(0, 3).join(', ')}${texts.length > 3 ? `, ${texts.length - 3} more` : ''}`;
  const message =
    texts.length === 1
      ? `${listed} is a placeholder: the value is unknown, and what depends on it isn't judged.`
      : `${listed} are placeholders: these values are unknown, and what depends on them isn't judged.`;
  return [{ rule: 'placeholder', severity: 'hint', message, site, related: [], fixes: [] }];
}

/** The placeholder that the way to an object depends on, and in what it stands; null for none. */
export function placeholderBehind(model: ClusterModel, askable: Askable, manifest: Manifest): string | null {
  // What a class is called matters to nobody but the one who serves it.
  const own = placeholdersIn(manifest).find(({ path }) => !path.includes('gatewayClassName'));
  if (own !== undefined) return `${own.text} is a placeholder`;
  for (const service of servicesNamedBy(model, askable)) {
    const [unknown] = placeholdersIn(service.manifest);
    if (unknown !== undefined) return `${unknown.text} is a placeholder of Service ${service.name}`;
  }
  return null;
}

function servicesNamedBy(model: ClusterModel, askable: Askable): Service[] {
  switch (askable.kind) {
    case 'Ingress': {
      const { namespace, rules, defaultBackend } = askable.ingress;
      return [defaultBackend, ...rules.map(({ backend }) => backend)].flatMap(
        (each) => serviceNamed(model, namespace, each?.service ?? '') ?? [],
      );
    }
    case 'Route':
      return askable.route.rules
        .flatMap(({ backends }) => backends)
        .flatMap(({ namespace, name }) => serviceNamed(model, namespace, name) ?? []);
    case 'Service':
    case 'Gateway':
      return [];
    default:
      return askable satisfies never;
  }
}

/** Whether a finding is about a value that is a placeholder, or names one of another object. */
export function restsOnPlaceholder(
  { at, related, message }: Found,
  manifestOf: (key: ObjectKey) => Manifest | undefined,
): boolean {
  const fields = [at, ...related.map((each) => each.at)];
  return fields.some(({ object, path }) => {
    const manifest = manifestOf(object);
    return (
      manifest !== undefined &&
      (placeholderAt(manifest, path) !== null || placeholdersIn(manifest).some(({ text }) => message.includes(text)))
    );
  });
}
