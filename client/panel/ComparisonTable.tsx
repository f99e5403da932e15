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
    <section class="comparison" aria-label="Differences">
      <table>
        <caption>
          {different === 0 ? 'No difference' : different === 1 ? '1 difference' : `${different} differences`}
        </caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
            <th scope="col">
              <span class="spoken">Compared</span>
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
                {isSame ? 'same' : left === '' ? '+ only right' : right === '' ? '− only left' : '≠ differs'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
