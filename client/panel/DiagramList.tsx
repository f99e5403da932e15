import * as l10n from '@vscode/l10n';
import { arrowSentence, frameNote, frameTitle, groupSentence, sightsOf } from './diagramWords.ts';
import type { Shown } from './stepping.ts';

/** Who sees whom as the sender, and the picture in words, by node. */
export function DiagramList({ shown, isReply }: { shown: Shown; isReply: boolean }) {
  const { folded, arrows } = shown;
  const sights = sightsOf(folded.groups, folded.arrows);
  return (
    <>
      {sights.length > 0 && (
        <table class="sights">
          <caption>{l10n.t('Who sees whom as the sender')}</caption>
          <thead>
            <tr>
              <th scope="col">{l10n.t('who')}</th>
              <th scope="col">{l10n.t('sees')}</th>
              <th scope="col">{l10n.t("the client's address")}</th>
            </tr>
          </thead>
          <tbody>
            {sights.map(({ who, sees, client }, index) => (
              <tr key={index}>
                <th scope="row">{who}</th>
                <td>{sees}</td>
                <td>{client}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <details class="as-text">
        <summary>{l10n.t('The diagram in words, by node')}</summary>
        <ul>
          {folded.frames.map((frame, index) => {
            const own = folded.groups.flatMap((group, each) => (group.frame === index ? [{ group, each }] : []));
            if (index === 0 && own.length === 0) return null;
            const title = index === 0 ? l10n.t('on no node') : frameTitle(frame);
            const note = frameNote(frame);
            return (
              <li key={index}>
                {title}
                {note !== '' && `: ${note}`}
                {own.length > 0 && (
                  <ul>
                    {own.map(({ group, each }) => (
                      <li key={group.id}>
                        {groupSentence(group, undefined)}
                        <ul>
                          {arrows
                            .filter(({ from }) => from === each)
                            .map((arrow) => (
                              <li key={arrow.id}>
                                {isReply
                                  ? l10n.t('the reply, from {0}', arrowSentence(arrow, folded.groups))
                                  : l10n.t('from {0}', arrowSentence(arrow, folded.groups))}
                              </li>
                            ))}
                        </ul>
                      </li>
                    ))}
                  </ul>
                )}
              </li>
            );
          })}
        </ul>
      </details>
    </>
  );
}
