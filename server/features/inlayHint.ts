import { type InlayHint, InlayHintKind, type InlayHintLabelPart, type Range } from 'vscode-languageserver';
import type { Hint, HintLevel } from '../../shared/insight/hints.ts';
import { printable, printableStart } from '../../shared/manifest/printable.ts';

/** As many letters as a hint has: names of manifests can be of any length. */
const longest = 60;

/** What the values within a range come to, behind them. A click on one leads to where it comes from. */
export function inlayHints(hints: readonly Hint[], { start, end }: Range, shown: HintLevel): InlayHint[] {
  return hints
    .filter(
      ({ position: { line }, shownIn }) =>
        line >= start.line && line <= end.line && (shownIn === 'quiet' || shown === 'all'),
    )
    .map((hint) => ({
      position: hint.position,
      kind: InlayHintKind.Type,
      paddingLeft: true,
      label: [labelOf(hint)],
    }));
}

function labelOf({ text, tooltip, leadsTo }: Hint): InlayHintLabelPart {
  return {
    value: printableStart(text, longest),
    ...(tooltip === '' ? {} : { tooltip: tooltip.split('\n').map(printable).join('\n') }),
    ...(leadsTo === null ? {} : { location: leadsTo }),
  };
}
