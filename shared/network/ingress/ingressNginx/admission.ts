import { once } from '../../../cluster/once.ts';
import type { Ingress } from '../../../cluster/ingress.ts';
import type { FieldPath } from '../../../manifest/value.ts';
import { nginxAnnotation } from '../nginxAnnotation.ts';
import type { Surroundings } from '../surroundings.ts';
import { configurationAlone, configurationOf, type NginxConfiguration } from './configuration.ts';
import type { NginxLocation } from './servers.ts';
import { nginxSettings } from './settings.ts';
import { anyHost, isRefused, refused, taken, type TakenIngress } from './takenIngress.ts';

/**
 * What the controller's admission webhook has against an Ingress.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/controller.go `CheckIngress`, `checkOverlap`,
 * internal/ingress/inspector/ingress.go `ValidatePathType` (v1.14.5).
 */
export interface AdmissionRefusal {
  readonly at: FieldPath;
  /** With the Ingress as its subject: `it …`. */
  readonly why: string;
  /** What stands in its way. */
  readonly other: { readonly ingress: Ingress; readonly at: FieldPath } | null;
}

/** `all`: with those that share its hosts, itself among them. Only those that are older stand in its way. */
export function admissionRefusals(
  ingress: Ingress,
  all: readonly Ingress[],
  surroundings: Surroundings,
): AdmissionRefusal[] {
  const settings = nginxSettings(surroundings.settings);
  const own = taken(ingress, settings, surroundings);
  const first = refused(ingress, settings);
  const snippet = settings.allowsSnippets
    ? undefined
    : [...ingress.manifest.annotations.keys()].find((name) => name.endsWith('-snippet'));
  return [
    ...(first === null ? [] : [{ at: first.at, why: first.why, other: null }]),
    ...(settings.strictPathType ? wrongPaths(ingress) : []),
    ...(snippet === undefined
      ? []
      : [{ at: ['metadata', 'annotations', snippet], why: 'snippets are not allowed', other: null }]),
    ...(isRefused(own) ? [] : overlaps(own, all, surroundings)),
  ];
}

function wrongPaths({ rules }: Ingress): AdmissionRefusal[] {
  return rules.flatMap(({ path, pathType, at }): AdmissionRefusal[] =>
    path === '' || pathType === 'ImplementationSpecific' || /^\/[A-Za-z0-9._\-/]*$/.test(path)
      ? []
      : [{ at: [...at, 'path'], why: `a path like ${path} needs pathType: ImplementationSpecific`, other: null }],
  );
}

/** Another's location with the same path on the same host, as the controller has made it. */
function overlaps(own: TakenIngress, all: readonly Ingress[], surroundings: Surroundings): AdmissionRefusal[] {
  const { ingress } = own;
  const configuration = configurationAlone(all, surroundings);
  const rivals = rivalsOf(own, configuration);
  if (rivals.length === 0) return [];
  const { servers } = configurationOf([...rivals, ingress], surroundings);
  const byHost = new Map(servers.map(({ hostname, locations }) => [hostname, locations]));
  return own.rules.flatMap(({ host, paths }) =>
    (paths ?? []).flatMap(({ path, rule }): AdmissionRefusal[] => {
      const other = (byHost.get(host) ?? []).find(
        (each) => each.path === path && !each.isDefault && stands(each, ingress, own.asked.isCanary),
      );
      if (rule.backend === null || other === undefined || other.owner === null) return [];
      const where = `${host === anyHost ? 'any host' : host}, path ${path}`;
      return [
        {
          at: [...rule.at, 'path'],
          why: `Ingress ${other.owner.name} has ${where} already`,
          other: { ingress: other.owner, at: other.rule === null ? ['spec'] : [...other.rule.at, 'path'] },
        },
      ];
    }),
  );
}

/** As many as are compared at most: of all that want one path, the first few have its locations. */
const mostRivals = 20;

/** The older ones that have one of its paths, but for a slash at the end, and the older canaries. */
function rivalsOf(own: TakenIngress, configuration: NginxConfiguration): Ingress[] {
  const age = ages(configuration);
  const isOlder = (each: TakenIngress): boolean => (age.get(each.ingress) ?? 0) < (age.get(own.ingress) ?? 0);
  const near = pathKeys(own).flatMap((key) =>
    (byPath(configuration).get(key) ?? []).filter(isOlder).slice(0, mostRivals),
  );
  if (near.length === 0) return [];
  const canaries = configuration.ingresses
    .filter(({ asked }) => asked.isCanary)
    .filter(isOlder)
    .slice(0, mostRivals);
  return [...new Set([...near, ...canaries])]
    .toSorted((a, b) => (age.get(a.ingress) ?? 0) - (age.get(b.ingress) ?? 0))
    .map(({ ingress }) => ingress);
}

const ages = once(
  ({ ingresses }: NginxConfiguration) => new Map(ingresses.map(({ ingress }, index) => [ingress, index])),
);

const byPath = once(({ ingresses }: NginxConfiguration) => {
  const found = new Map<string, TakenIngress[]>();
  for (const each of ingresses)
    for (const key of new Set(pathKeys(each))) found.set(key, [...(found.get(key) ?? []).slice(0, mostRivals), each]);
  return found;
});

function pathKeys({ rules }: TakenIngress): string[] {
  return rules.flatMap(({ host, paths }) =>
    (paths ?? []).map(({ path }) => `${host} ${path.endsWith('/') ? path.slice(0, -1) : path}`),
  );
}

/** Neither says anything of a canary, or both are one. */
function stands({ owner, asked }: NginxLocation, ingress: Ingress, isCanary: boolean): boolean {
  if (owner === null || owner === ingress) return false;
  const saysNothing = (each: Ingress): boolean => nginxAnnotation(each, 'canary') === null;
  return (isCanary && asked?.isCanary === true) || (saysNothing(ingress) && saysNothing(owner));
}
