import type { Ingress } from '../cluster/ingress.ts';
import { fieldOf, type Manifest } from '../manifest/manifest.ts';
import type { FieldPath } from '../manifest/value.ts';
import type { Found } from './rule.ts';

type Related = Found['related'][number];

/** The name of an object that a finding has to do with, as what it is called. */
export function theObject(manifest: Manifest, { kind, name }: Named = manifest): Related {
  return { message: `${kind} ${name}`, at: fieldOf(manifest, 'metadata', 'name') };
}

/** What an object is called in a text: `Service web`; one without a name, `this Service`. */
export function called({ kind, name }: Named): string {
  return name === '' ? `this ${kind}` : `${kind} ${name}`;
}

interface Named {
  readonly kind: string;
  readonly name: string;
}

/** What in another Ingress a finding has to do with. */
export function inIngress({ ingress, at }: { readonly ingress: Ingress; readonly at: FieldPath }): Related {
  return { message: `here, in Ingress ${ingress.name}`, at: fieldOf(ingress.manifest, ...at) };
}
