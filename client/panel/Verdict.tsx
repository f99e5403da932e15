import * as l10n from '@vscode/l10n';
import type { UnreadItem } from '../../shared/insight/protocol.ts';
import { isLost } from '../../shared/trace/verdict.ts';
import { LineLink } from './LineLink.tsx';
import type { Open, TraceFound } from './messages.ts';

/** What a trace comes to, in a line, and what that rests on: texts that can't be read now, assumptions. */
export function Verdict({ found, message, open }: { found: TraceFound; message: string | null; open: Open }) {
  const { trace, usualMode, unread } = found;
  const { summary, moves, assumptions } = trace;
  const isLosing = moves.some((move) => move.kind === 'end' && isLost(move.verdict));
  const isOld = message !== null || unread.length > 0;
  return (
    <div class={isOld ? 'result old' : 'result'}>
      <p class={isLosing ? 'summary lost' : 'summary'}>{summary.text}</p>
      {message !== null && <p class="as-of">{l10n.t('This is the last trace that could be made.')}</p>}
      {unread.length > 0 && <AsOf unread={unread} open={open} />}
      {usualMode !== null && <p class="asked">{l10n.t('in {0} mode: {1}', usualMode.mode, usualMode.text)}</p>}
      {assumptions.length > 0 && (
        <details class="assumptions">
          <summary>
            {assumptions.length === 1 ? l10n.t('1 assumption') : l10n.t('{0} assumptions', assumptions.length)}
          </summary>
          <ul>
            {assumptions.map(({ id, text }) => (
              <li key={id}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function AsOf({ unread, open }: { unread: readonly UnreadItem[]; open: Open }) {
  return (
    <div class="as-of">
      <p>{l10n.t('As of the last readable text:')}</p>
      <ul>
        {unread.map(({ file, line, message }) => (
          <li key={file}>
            <LineLink file={file} line={line} open={open} /> {message}
          </li>
        ))}
      </ul>
    </div>
  );
}
