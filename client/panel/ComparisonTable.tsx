import * as l10n from '@vscode/l10n';
import { comparedTraces } from '../../shared/trace/comparison.ts';
import type { TraceJson } from '../../shared/trace/traceJson.ts';

/** What differs between two traces, in words and marks. */
export function ComparisonTable({
  before,
  after,
  names,
}: {
  before: TraceJson;
  after: TraceJson;
  names: readonly [string, string];
}) {
  const lines = comparedTraces(before, after);
  const different = lines.filter(({ isSame }) => !isSame).length;
  return (
    <section class="comparison" aria-label={l10n.t('Differences')}>
      <table>
        <caption>
          {different === 0
            ? l10n.t('No difference')
            : different === 1
              ? l10n.t('1 difference')
              : l10n.t('{0} differences', different)}
        </caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
            <th scope="col">
              <span class="spoken">{l10n.t('Compared')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ what, before: left, after: right, isSame }, index) => (
            <tr key={`${index} ${what}`} class={isSame ? 'same' : 'different'}>
              <th scope="row">{what}</th>
              <td>{left === '' ? '–' : left}</td>
              <td>{right === '' ? '–' : right}</td>
              <td class="mark">
                {isSame
                  ? l10n.t('same')
                  : left === ''
                    ? l10n.t('+ only right')
                    : right === ''
                      ? l10n.t('− only left')
                      : l10n.t('≠ differs')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
