import type { BecauseJson } from '../../shared/trace/traceJson.ts';
import type { Open } from './messages.ts';

/** What something rests on, each line once. */
export function BecauseLines({ because, open }: { because: readonly BecauseJson[]; open: Open }) {
  return unique(because).map((each) => (
    <BecauseLine key={`${each.file}:${each.line}:${each.text}`} because={each} open={open} />
  ));
}

function BecauseLine({ because: { file, line, text, assumption }, open }: { because: BecauseJson; open: Open }) {
  if (file === null || line === null) return <div class="because">{assumption === undefined ? text : `~ ${text}`}</div>;
  const name = decodeURIComponent(file.slice(file.lastIndexOf('/') + 1));
  return (
    <div class="because">
      <button type="button" onClick={() => open(file, line)} title="Show the line">
        {name}:{line}
      </button>{' '}
      {text}
    </div>
  );
}

function unique(because: readonly BecauseJson[]): BecauseJson[] {
  return [...new Map(because.map((each) => [`${each.file}:${each.line}:${each.text}`, each])).values()];
}
