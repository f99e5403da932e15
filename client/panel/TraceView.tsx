import type { TraceAnswer, UsualMode } from '../../shared/insight/protocol.ts';
import type { HopJson, PathJson, TraceJson } from '../../shared/trace/traceJson.ts';
import { morePaths } from '../../shared/trace/morePaths.ts';
import { isLost } from '../../shared/trace/verdict.ts';
import { BecauseLines } from './Because.tsx';
import { Diagram } from './Diagram.tsx';
import type { Open } from './messages.ts';

/**
 * The whole panel: verdict and assumptions, the diagram, the steps.
 * All text goes through the virtual DOM, which escapes it.
 */
export function TraceView({
  request,
  answer,
  open,
}: {
  request: { target: string; from: string };
  answer: TraceAnswer;
  open: Open;
}) {
  return (
    <>
      <header>
        <h1>{request.target}</h1>
        <p class="asked">asked from {request.from}</p>
        {answer.kind === 'unreadable' ? (
          <p class="summary lost">{answer.message}</p>
        ) : (
          <VerdictLine trace={answer.trace} usual={answer.usualMode} />
        )}
      </header>
      {answer.kind === 'trace' && (
        <div class="body">
          <Diagram diagram={answer.diagram} summary={answer.trace.summary.text} open={open} />
          <section class="steps" aria-label="Steps">
            <Steps trace={answer.trace} open={open} />
          </section>
        </div>
      )}
    </>
  );
}

function VerdictLine({ trace: { summary, moves, assumptions }, usual }: { trace: TraceJson; usual: UsualMode | null }) {
  return (
    <>
      <p class={moves.some((move) => move.kind === 'end' && isLost(move.verdict)) ? 'summary lost' : 'summary'}>
        {summary.text}
      </p>
      {usual !== null && (
        <p class="asked">
          in {usual.mode} mode: {usual.text}
        </p>
      )}
      {assumptions.length > 0 && (
        <ul class="assumptions">
          {assumptions.map(({ id, text }) => (
            <li key={id}>{text}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** As many paths as stand open and listed at first; the rest are folded. */
const mostOpen = 3;

function Steps({ trace: { paths, pathsLeft }, open }: { trace: TraceJson; open: Open }) {
  return (
    <>
      <ol class="paths">
        {paths.map((path, index) => (
          <li key={index}>
            <PathView path={path} isOpen={index < mostOpen} open={open} />
          </li>
        ))}
      </ol>
      {pathsLeft > 0 && <p class="asked">{morePaths(pathsLeft)}</p>}
    </>
  );
}

function PathView({ path, isOpen, open }: { path: PathJson; isOpen: boolean; open: Open }) {
  const { verdict, hops, source, reply, rules, probability, received, mirrors } = path;
  const where = verdict.pod ?? verdict.address;
  const origin = path.because.filter(({ assumption }) => assumption?.startsWith('dns:'));
  return (
    <details open={isOpen}>
      <summary>
        <span class="share">{probability}</span>{' '}
        <span class={isLost(verdict) ? 'verdict lost' : 'verdict'}>
          {verdict.kind}
          {verdict.status === null ? '' : ` ${verdict.status}`}
        </span>
        {verdict.kind === 'delivered'
          ? ` to ${where ?? ''}, which sees ${source?.atPod ?? '?'} (${source?.party ?? '?'})`
          : `: ${verdict.text}`}
      </summary>
      {verdict.kind !== 'delivered' && <BecauseLines because={path.decisive} open={open} />}
      {origin.map(({ text }) => (
        <p class="note" key={text}>
          ~ {text}
        </p>
      ))}
      <ol class="hops">
        {hops.map((hop, index) => (
          <li key={index}>
            <HopView hop={hop} open={open} />
          </li>
        ))}
      </ol>
      {received !== null && isProxied(hops) && (
        <p class="note">
          asked {received.method} {received.scheme}://{received.host}
          {received.path}
          {received.headers['x-forwarded-for'] === undefined
            ? ''
            : `, X-Forwarded-For: ${received.headers['x-forwarded-for']}`}
        </p>
      )}
      {mirrors.map(({ namespace, service, share }) => (
        <p class="note" key={`${namespace}/${service}`}>
          copied to Service {service} in {namespace}
          {share === '1' ? '' : `, ${share} of such requests`}
        </p>
      ))}
      {rules.length > 0 && <RulesView rules={rules} open={open} />}
      {reply.length > 0 && (
        <details class="reply">
          <summary>the reply's way back</summary>
          <ol class="hops">
            {reply.map(({ from, to, source: sent, destination }, index) => (
              <li key={index}>
                {from} → {to}
                <div class="addresses">
                  {sent} → {destination}
                </div>
              </li>
            ))}
          </ol>
        </details>
      )}
    </details>
  );
}

/** Whether what arrives needn't be what was asked. */
function isProxied(hops: readonly HopJson[]): boolean {
  return hops.some(({ rewrites }) => rewrites.some(({ kind }) => kind === 'proxy'));
}

/** kube-proxy's own lines, on demand: each with the line of YAML that it comes from. */
function RulesView({ rules, open }: { rules: PathJson['rules']; open: Open }) {
  return (
    <details class="rules">
      <summary>the rules that it met</summary>
      {rules.map(({ at, lines }, index) => (
        <div key={index}>
          <div class="parties">on {at}</div>
          <ol class="lines">
            {lines.map(({ table, chain, rule, because }, line) => (
              <li key={line}>
                <code title={`${table} ${chain}`}>{rule}</code>
                <BecauseLines because={because.filter(({ file }) => file !== null)} open={open} />
              </li>
            ))}
          </ol>
        </div>
      ))}
    </details>
  );
}

function HopView({ hop, open }: { hop: HopJson; open: Open }) {
  return (
    <>
      <div class="parties">
        {hop.from} → {hop.to}
        {hop.crossesNodes && <span class="crossing"> crosses nodes</span>}
      </div>
      <div class="addresses">
        {hop.source} → {hop.destination}
      </div>
      {hop.rewrites.map(({ kind, from, to, by, chains }) => (
        <div class="rewrite" key={`${kind} ${to}`} title={chains.join(' → ')}>
          <b>{kind}</b> {from} → {to} <span class="by">{by}</span>
        </div>
      ))}
      <BecauseLines because={hop.because} open={open} />
    </>
  );
}
