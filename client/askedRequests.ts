import { type Disposable, EventEmitter, type Memento } from 'vscode';
import type { RequestToTrace } from './requestToTrace.ts';

/** A request that somebody gave a name. */
export interface SavedRequest {
  readonly name: string;
  readonly request: RequestToTrace;
}

/** As many of those asked before are kept. */
const mostRecent = 20;
const recentKey = 'hoplens.recentRequests';
const savedKey = 'hoplens.savedRequests';

/** The requests of this workspace: those that were asked last, the newest first, and those that have a name. */
export class AskedRequests implements Disposable {
  readonly #memento: Memento;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  get recent(): readonly RequestToTrace[] {
    return this.#memento.get<readonly RequestToTrace[]>(recentKey, []);
  }

  get saved(): readonly SavedRequest[] {
    return this.#memento.get<readonly SavedRequest[]>(savedKey, []);
  }

  note(request: RequestToTrace): void {
    const others = this.recent.filter((each) => !isSame(each, request));
    void this.#keep(recentKey, [request, ...others].slice(0, mostRecent));
  }

  /** Gives a request a name; another one of that name goes. */
  async save(name: string, request: RequestToTrace): Promise<void> {
    const others = this.saved.filter((each) => each.name !== name && !isSame(each.request, request));
    await this.#keep(
      savedKey,
      [...others, { name, request }].toSorted((a, b) => a.name.localeCompare(b.name)),
    );
  }

  async forget(request: RequestToTrace, where: 'recent' | 'saved'): Promise<void> {
    if (where === 'saved')
      await this.#keep(
        savedKey,
        this.saved.filter((each) => !isSame(each.request, request)),
      );
    else
      await this.#keep(
        recentKey,
        this.recent.filter((each) => !isSame(each, request)),
      );
  }

  async clearRecent(): Promise<void> {
    await this.#keep(recentKey, []);
  }

  async #keep(key: string, value: unknown): Promise<void> {
    await this.#memento.update(key, value);
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** Whether they ask the same of the same set, as far as can be told without it. */
function isSame(one: RequestToTrace, other: RequestToTrace): boolean {
  const said = ({ target, from, details, build, uri }: RequestToTrace): string =>
    JSON.stringify([target, from, details?.protocol, details?.method, details?.headers, build ?? uri]);
  return said(one) === said(other);
}
