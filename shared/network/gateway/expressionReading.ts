import type { Expression } from '../match.ts';

/** How an implementation reads regular expressions, and where it puts them among other paths. */
export interface ExpressionReading extends Pick<Expression, 'dialect' | 'ignoresCase' | 'anchors'> {
  /** How it binds those of headers and queries. */
  readonly inHeaders: Expression['anchors'];
  /** Where a regular expression stands: before or behind every prefix, or with them, by its length. */
  readonly rank: 'before-prefixes' | 'behind-prefixes' | 'among-prefixes';
}
