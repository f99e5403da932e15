import type { Ingress } from '../../../cluster/ingress.ts';
import { nginxAnnotation } from '../nginxAnnotation.ts';
import { goBoolean, goInteger } from '../../goText.ts';
import { anyValue, type Validator } from './validators.ts';

/** A value, or why there is none: not written, written but empty, or refused by the annotation's validator. */
export type AnnotationValue =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'missing' | 'empty' | 'invalid' };

/** An annotation that is passed over, without the prefix, and why. */
export interface UnreadAnnotation {
  readonly annotation: string;
  readonly why: string;
}

/** Why what an annotation asks for can't be had, so that nothing is let through. */
export interface Denial {
  readonly annotation: string;
  readonly why: string;
  /** Something that nothing in the set defines: from elsewhere it may be there. */
  readonly isForWantOfObject: boolean;
}

export function valueOf(given: AnnotationValue): string | null {
  return given.kind === 'value' ? given.value : null;
}

export function textOr(given: AnnotationValue, otherwise: string): string {
  return given.kind === 'value' ? given.value : otherwise;
}

/**
 * Reads one Ingress's annotations and notes what can't be read.
 * Source: kubernetes/ingress-nginx internal/ingress/annotations/parser/main.go (v1.14.5).
 */
export class AnnotationReader {
  readonly ingress: Ingress;
  readonly denials: Denial[] = [];
  readonly #unread = new Map<string, UnreadAnnotation>();

  constructor(ingress: Ingress) {
    this.ingress = ingress;
  }

  get unread(): readonly UnreadAnnotation[] {
    return [...this.#unread.values()];
  }

  /** As it is written, by its name without the prefix. */
  raw(name: string): string | null {
    return nginxAnnotation(this.ingress, name);
  }

  value(name: string, isValid: Validator, alias: string | null = null): AnnotationValue {
    const written = this.raw(name) ?? '';
    const isAlias = written === '' && alias !== null && (this.raw(alias) ?? '') !== '';
    const read = isAlias ? (alias ?? name) : name;
    const value = this.raw(read);
    if (value === null) return { kind: 'missing' };
    if (value !== '' && !isValid(value)) {
      this.passOver(read, `has a value that can't be read: ${value}`);
      return { kind: 'invalid' };
    }
    const text = value
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
    return text === '' ? { kind: 'empty' } : { kind: 'value', value: text };
  }

  text(name: string, isValid: Validator = anyValue): string {
    return textOr(this.value(name, isValid), '');
  }

  is(name: string): boolean | null {
    return this.#parsed(name, goBoolean, 'is neither true nor false');
  }

  integer(name: string): number | null {
    return this.#parsed(name, goInteger, 'is no whole number');
  }

  #parsed<T>(name: string, parse: (text: string) => T | null, why: string): T | null {
    const raw = this.raw(name);
    if (raw === null) return null;
    const parsed = parse(raw);
    if (parsed === null && raw !== '') this.passOver(name, `${why}: ${raw}`);
    return parsed;
  }

  passOver(annotation: string, why: string): void {
    this.#unread.set(annotation, { annotation, why });
  }

  /** Nothing is let through: returns null, in the place of what was asked for. */
  deny(annotation: string, why: string, isForWantOfObject = false): null {
    this.#unread.delete(annotation);
    this.denials.push({ annotation, why, isForWantOfObject });
    return null;
  }
}
