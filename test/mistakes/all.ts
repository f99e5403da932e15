import type { Mistake } from './mistake.ts';
import { inServices } from './services.ts';

/** Every mistake that is made: what Hoplens finds. */
export const mistakes: readonly Mistake[] = [...inServices];
