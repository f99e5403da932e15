import RandExp from 'randexp';
import { excessOf } from './expressionBounds.ts';
import { matchesPath, matchesText, type PathMatch, type TextMatch } from './match.ts';

/** As often as a repetition repeats at most in a witness. */
const mostRepeated = 1;

/** The shortest plain path that a match takes; null for an expression of which no example can be made. */
export function witnessOf(match: PathMatch): string | null {
  switch (match.kind) {
    case 'exact':
    case 'text-prefix':
      return match.path === '' ? '/' : match.path;
    case 'elements':
      return match.path === '' ? '/' : match.path;
    case 'expression': {
      const sample = sampleOf(match.expression);
      return sample !== null && sample.startsWith('/') && matchesPath(match, sample) === true ? sample : null;
    }
    case 'empty-groups':
    case 'unknown':
      return null;
    default:
      return match satisfies never;
  }
}

/** A header's or a query's text that a match takes; null where none can be made. */
export function textWitnessOf(match: TextMatch): string | null {
  switch (match.kind) {
    case 'exact':
      return match.text;
    case 'present':
      return 'any';
    case 'absent':
    case 'unknown':
      return null;
    case 'listed':
      return textWitnessOf(match.item);
    case 'expression': {
      const sample = sampleOf(match.expression);
      return sample !== null && matchesText(match, sample) === true ? sample : null;
    }
    default:
      return match satisfies never;
  }
}

/** The longest expression that an example is made of, and what the example may cost: choices made, and letters. */
const budget = { expression: 500, choices: 200, letters: 300 } as const;

/**
 * Takes always the first alternative, the least repetition, and the first letter of a set. The generator reads
 * expressions as JavaScript does: what is a letter to RE2 may be a repeat to it. So it is counted while it works.
 */
function sampleOf(expression: string): string | null {
  if (expression.length > budget.expression || excessOf(expression) !== null) return null;
  try {
    const generator = new RandExp(expression.replace(/^\^/, '').replace(/\$$/, ''));
    let spent = 0;
    generator.randInt = (from) => {
      spent += 1 + from;
      if (spent > budget.choices) throw new RangeError('too much for an example');
      return from;
    };
    generator.max = mostRepeated;
    generator.defaultRange.subtract(0, 47);
    const sample = generator.gen();
    return sample.length > budget.letters ? null : sample;
  } catch {
    return null;
  }
}

/** A path that the match takes only because it ignores case or reads a prefix: what a plain reader wouldn't expect. */
export function surpriseOf(match: PathMatch, plain: PathMatch): string | null {
  const sample = witnessOf(match);
  if (sample === null) return null;
  const candidates = [
    `${sample}${/[a-z0-9]$/i.test(sample) ? 'x' : 'more'}`,
    `${sample}/more`,
    swappedCase(sample),
    `${swappedCase(sample)}/more`,
  ];
  return candidates.find((each) => matchesPath(match, each) === true && matchesPath(plain, each) === false) ?? null;
}

function swappedCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
