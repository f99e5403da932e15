import * as l10n from '@vscode/l10n';
import Fraction from 'fraction.js';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { HopJson, PathJson, TraceJson } from '../../shared/trace/traceJson.ts';
import { shareText } from '../../shared/trace/comparison.ts';
import { morePaths } from '../../shared/trace/morePaths.ts';
import { isLost } from '../../shared/trace/verdict.ts';
import { type AlikePaths, alikePaths } from './alikePaths.ts';
import { BecauseLines } from './Because.tsx';
import type { Open } from './messages.ts';

/** Every path step by step, alike ones as one; the first is open. */
export function Steps({ trace, name, open }: { trace: TraceJson; name: string; open: Open }) {
  const { paths, pathsLeft } = trace;
  return (
    <section class="steps" aria-label={name}>
      <ol class="paths">
        {alikePaths(paths).map((alike, index) => (
          <li key={alike.key}>
            <Alike alike={alike} isOpen={index === 0} open={open} />
          </li>
        ))}
      </ol>
      {pathsLeft > 0 && <p class="asked">{morePaths(pathsLeft)}</p>}
    </section>
  );
}

function Alike({ alike, isOpen, open }: { alike: AlikePaths; isOpen: boolean; open: Open }) {
  const { paths, share, together } = alike;
  const [first, ...others] = paths;
  if (first === undefined) return null;
  if (others.length === 0) return <PathView path={first} isOpen={isOpen} open={open} />;
  return (
    <Folded
      isOpen={isOpen}
      summary={
        <>
          <b>{l10n.t('{0} paths alike, {1} each', paths.length, shareText(share))}</b>
          {l10n.t(', together {0}: ', shareText(together))}
          <EndOf path={first} isOneOfMany />
        </>
      }
    >
      {() => (
        <ol class="alike">
          {paths.map((path, index) => (
            <li key={index}>
              <PathView path={path} isOpen={isOpen && index === 0} open={open} />
            </li>
          ))}
        </ol>
      )}
    </Folded>
  );
}

/** Details that are made when they are first opened: there can be hundreds. */
function Folded({
  isOpen,
  summary,
  children,
}: {
  isOpen: boolean;
  summary: ComponentChildren;
  children: () => ComponentChildren;
}) {
  const [isShown, show] = useState(isOpen);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => show(isShown || currentTarget.open)}>
      <summary>{summary}</summary>
      {isShown && children()}
    </details>
  );
}

/** How a path ends. */
function EndOf({ path: { verdict, source }, isOneOfMany = false }: { path: PathJson; isOneOfMany?: boolean }) {
  const where = verdict.pod ?? verdict.address ?? '';
  return (
    <>
      <span class={isLost(verdict) ? 'verdict lost' : 'verdict'}>
        {verdict.kind}
        {verdict.status === null ? '' : ` ${verdict.status}`}
      </span>
      {verdict.kind !== 'delivered'
        ? `: ${verdict.text}`
        : isOneOfMany
          ? l10n.t(' to {0} and others', where)
          : l10n.t(' to {0}, which sees {1} ({2})', where, source?.atPod ?? '?', source?.party ?? '?')}
    </>
  );
}

function PathView({ path, isOpen, open }: { path: PathJson; isOpen: boolean; open: Open }) {
  const { verdict, hops, reply, rules, probability, received, mirrors } = path;
  const origin = path.because.filter(({ assumption }) => assumption?.startsWith('dns:'));
  return (
    <Folded
      isOpen={isOpen}
      summary={
        <>
          <span class="share">{shareText(new Fraction(probability))}</span> <EndOf path={path} />
        </>
      }
    >
      {() => (
        <>
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
          {path.gates
            .filter(({ outcome }) => outcome === 'passed')
            .map((gate, index) => (
              <div class="gate-met" key={index}>
                {gate.direction === 'ingress'
                  ? l10n.t('let into {0} as {1}', gate.party, gate.peer)
                  : l10n.t('let out of {0} to {1}', gate.party, gate.peer)}
                <BecauseLines because={gate.because} open={open} />
              </div>
            ))}
          {received !== null && isProxied(hops) && (
            <p class="note">
              {l10n.t('asked {0}', `${received.method} ${received.scheme}://${received.host}${received.path}`)}
              {received.headers['x-forwarded-for'] === undefined
                ? ''
                : `, X-Forwarded-For: ${received.headers['x-forwarded-for']}`}
            </p>
          )}
          {mirrors.map(({ namespace, service, share }) => (
            <p class="note" key={`${namespace}/${service}`}>
              {share === '1'
                ? l10n.t('copied to Service {0} in {1}', service, namespace)
                : l10n.t('copied to Service {0} in {1}, {2} of such requests', service, namespace, share)}
            </p>
          ))}
          {rules.length > 0 && <RulesView rules={rules} open={open} />}
          {reply.length > 0 && (
            <details class="reply">
              <summary>{l10n.t("the reply's way back")}</summary>
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
        </>
      )}
    </Folded>
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
      <summary>{l10n.t('the rules that it met')}</summary>
      {rules.map(({ at, lines }, index) => (
        <div key={index}>
          <div class="parties">{l10n.t('on {0}', at)}</div>
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
        {hop.crossesNodes && <span class="crossing"> {l10n.t('crosses nodes')}</span>}
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
