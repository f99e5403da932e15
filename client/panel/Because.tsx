import type { BecauseJson } from '../../shared/trace/traceJson.ts';
import { LineLink } from './LineLink.tsx';
import type { Open } from './messages.ts';

/** What something rests on, each line once. */
export function BecauseLines({ because, open }: { because: readonly BecauseJson[]; open: Open }) {
  return unique(because).map((each) => (
    <BecauseLine key={`${each.file}:${each.line}:${each.text}`} because={each} open={open} />
  ));
}

function BecauseLine({ because: { file, line, text, assumption }, open }: { because: BecauseJson; open: Open }) {
  if (file === null || line === null) return <div class="because">{assumption === undefined ? text : `~ ${text}`}</div>;
  return (
    <div class="because">
      <LineLink file={file} line={line} open={open} /> {text}
    </div>
  );
}

function unique(because: readonly BecauseJson[]): BecauseJson[] {
  return [...new Map(because.map((each) => [`${each.file}:${each.line}:${each.text}`, each])).values()];
}
