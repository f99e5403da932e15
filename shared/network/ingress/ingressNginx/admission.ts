import type { Ingress } from '../../../cluster/ingress.ts';
import type { FieldPath } from '../../../manifest/value.ts';
import { nginxAnnotation, nginxName } from '../nginxAnnotation.ts';
import type { Surroundings } from '../surroundings.ts';
import { configurationOf } from './configuration.ts';
import type { NginxLocation } from './servers.ts';
import { nginxSettings } from './settings.ts';
import { anyHost, byAge, isRefused, refused, taken } from './takenIngress.ts';

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
    ...(isRefused(own) ? [] : overlaps(ingress, all, surroundings)),
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
function overlaps(ingress: Ingress, all: readonly Ingress[], surroundings: Surroundings): AdmissionRefusal[] {
  const { settings } = configurationOf([], surroundings);
  const sorted = byAge(
    all.flatMap((each) => {
      const found = taken(each, settings, surroundings);
      return isRefused(found) ? [] : [found];
    }),
  );
  const at = sorted.findIndex((each) => each.ingress === ingress);
  const own = sorted[at];
  if (own === undefined || at === 0) return [];
  const until = sorted.slice(0, at + 1).map((each) => each.ingress);
  const { servers } = configurationOf(until, surroundings);
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

/** Neither says anything of a canary, or both are one. */
function stands({ owner, asked }: NginxLocation, ingress: Ingress, isCanary: boolean): boolean {
  if (owner === null || owner === ingress) return false;
  const saysNothing = (each: Ingress): boolean => nginxAnnotation(each, 'canary') === null;
  return (isCanary && asked?.isCanary === true) || (saysNothing(ingress) && saysNothing(owner));
}

export function placeOfAnnotation(name: string): FieldPath {
  return ['metadata', 'annotations', nginxName(name)];
}
