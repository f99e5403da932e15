import * as l10n from '@vscode/l10n';
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { plainDetails, type RequestDetails, type TraceParams } from '../../shared/insight/protocol.ts';
import type { PanelMenu, Post, SideView } from './messages.ts';
import { headersText, readHeaders } from './requestHeaders.ts';
import { printed } from './shownView.ts';

interface RequestBarProps {
  view: SideView;
  side: number;
  post: Post;
  /** Whether there is no other side to compare with yet. */
  isAlone: boolean;
  /** Further controls of the toolbar. */
  children: ComponentChildren;
}

/** What is asked, by whom, in which cluster; and the controls to ask for something else. */
export function RequestBar({ view, side, post, isAlone, children }: RequestBarProps) {
  const { request, trace, message } = view;
  const { target, from, whatIf = [], profile } = request;
  const ask = (change: Partial<TraceParams>): void => post({ kind: 'ask', side, request: { ...request, ...change } });
  const menu = (name: PanelMenu) => (): void => post({ kind: 'menu', side, menu: name });
  return (
    <header>
      <h1>{printed(target)}</h1>
      <p class="asked">
        {printed(askedText(request))}
        {trace?.build != null && l10n.t(', as {0} is built', trace.build)}
      </p>
      {message !== null && (
        <p class="message" role="alert">
          {message}
        </p>
      )}
      <div class="tools" role="group" aria-label={l10n.t('Tools')}>
        <button type="button" onClick={menu('who')} aria-haspopup="menu" title={l10n.t('Who asks')}>
          {l10n.t('From {0}', printed(from))}
        </button>
        <button type="button" onClick={menu('what-if')} aria-haspopup="menu">
          {l10n.t('What if…')}
        </button>
        {isAlone && (
          <button type="button" onClick={menu('compare')} aria-haspopup="menu">
            {l10n.t('Compare…')}
          </button>
        )}
        <button type="button" onClick={menu('copy')} aria-haspopup="menu">
          {l10n.t('Copy or save…')}
        </button>
        {children}
      </div>
      <RequestForm key={JSON.stringify(request)} request={request} ask={ask} />
      {(whatIf.length > 0 || profile !== undefined) && (
        <ul class="chips" aria-label={l10n.t('Assumed for this trace')}>
          {whatIf.map((text, index) => (
            <Chip
              key={text}
              text={trace?.whatIf[index] ?? printed(text)}
              remove={() => ask({ whatIf: whatIf.filter((each) => each !== text) })}
            />
          ))}
          {profile !== undefined && (
            <Chip text={l10n.t('profile {0}', trace?.profile ?? '')} remove={() => ask({ profile: undefined })} />
          )}
        </ul>
      )}
    </header>
  );
}

function askedText({ from, details = plainDetails }: TraceParams): string {
  const { method, protocol, headers } = details;
  const others = [
    ...(method === plainDetails.method ? [] : [method]),
    ...(protocol === plainDetails.protocol ? [] : [protocol]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return [l10n.t('asked from {0}', from), ...others].join(', ');
}

function Chip({ text, remove }: { text: string; remove: () => void }) {
  return (
    <li class="chip">
      {text}
      <button
        type="button"
        onClick={remove}
        aria-label={l10n.t('No longer assume: {0}', text)}
        title={l10n.t('Remove')}
      >
        ×
      </button>
    </li>
  );
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const protocols = ['TCP', 'UDP', 'SCTP'] as const;

/** The request as one types it: target, who asks, method, headers, protocol. */
function RequestForm({ request, ask }: { request: TraceParams; ask: (change: Partial<TraceParams>) => void }) {
  const { target, from, details = plainDetails } = request;
  const [typed, type] = useState({ target, from, ...details, headers: headersText(details.headers) });
  const [problem, say] = useState<string | null>(null);
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const headers = readHeaders(typed.headers);
    if (headers.kind === 'unreadable') return say(headers.message);
    say(null);
    const { method, protocol } = typed;
    const now: RequestDetails = {
      method: method.trim() === '' ? plainDetails.method : method.trim(),
      protocol,
      headers: headers.value,
    };
    ask({ target: typed.target.trim(), from: typed.from.trim(), details: now });
  };
  return (
    <details class="change">
      <summary>{l10n.t('Change request')}</summary>
      <form onSubmit={submit}>
        <label for={`${id}-target`}>{l10n.t('To')}</label>
        <input
          id={`${id}-target`}
          value={typed.target}
          onInput={({ currentTarget }) => type({ ...typed, target: currentTarget.value })}
          spellcheck={false}
        />
        <label for={`${id}-from`}>{l10n.t('From')}</label>
        <input
          id={`${id}-from`}
          value={typed.from}
          onInput={({ currentTarget }) => type({ ...typed, from: currentTarget.value })}
          spellcheck={false}
        />
        <label for={`${id}-method`}>{l10n.t('Method')}</label>
        <input
          id={`${id}-method`}
          list={`${id}-methods`}
          value={typed.method}
          onInput={({ currentTarget }) => type({ ...typed, method: currentTarget.value })}
          spellcheck={false}
        />
        <datalist id={`${id}-methods`}>
          {methods.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <label for={`${id}-headers`}>{l10n.t('Headers')}</label>
        <textarea
          id={`${id}-headers`}
          rows={2}
          placeholder={l10n.t('Name: value, one a line')}
          value={typed.headers}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : `${id}-problem`}
          onInput={({ currentTarget }) => type({ ...typed, headers: currentTarget.value })}
          spellcheck={false}
        />
        {problem !== null && (
          <p id={`${id}-problem`} class="message" role="alert">
            {problem}
          </p>
        )}
        <label for={`${id}-protocol`}>{l10n.t('Protocol')}</label>
        <select
          id={`${id}-protocol`}
          value={typed.protocol}
          onChange={({ currentTarget }) => {
            const protocol = protocols.find((each) => each === currentTarget.value);
            if (protocol !== undefined) type({ ...typed, protocol });
          }}
        >
          {protocols.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <button type="submit">{l10n.t('Trace')}</button>
      </form>
    </details>
  );
}
