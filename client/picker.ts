import { type Disposable, QuickInputButtons, type QuickPickItem, window } from 'vscode';

/** Something to pick; `value` is null for what only says something. */
export interface PickItem<T> extends QuickPickItem {
  readonly value: T | null;
}

export interface PickOptions<T> {
  readonly title: string;
  readonly placeholder: string;
  /** Whether one can go back from it. */
  readonly step: 'first' | 'later';
  /** What is typed at first. */
  readonly typed?: string;
  /** What is shown for what is typed, in this very order. */
  readonly items: (typed: string) => readonly PickItem<T>[];
}

export type Picked<T> =
  | { readonly kind: 'picked'; readonly value: T }
  | { readonly kind: 'back' }
  | { readonly kind: 'dismissed' };

/**
 * A quick pick whose items stand in the order that they are given in: VS Code's own would sort by the label's letters,
 * and leave out what it doesn't find in the label.
 */
export function pick<T>({ title, placeholder, step, typed = '', items }: PickOptions<T>): Promise<Picked<T>> {
  const input = window.createQuickPick<PickItem<T>>();
  // The property is there in every version and not in its types (microsoft/vscode#73904).
  Object.assign(input, { sortByLabel: false });
  Object.assign(input, { title, placeholder, value: typed });
  input.buttons = step === 'later' ? [QuickInputButtons.Back] : [];
  const show = (value: string): void => {
    input.items = items(value).map((each) => ({ ...each, alwaysShow: true }));
  };
  show(typed);
  return new Promise((resolve) => {
    const listeners: Disposable[] = [
      input.onDidChangeValue(show),
      input.onDidTriggerButton(() => done({ kind: 'back' })),
      input.onDidAccept(() => {
        const value = (input.selectedItems[0] ?? input.activeItems[0])?.value;
        if (value !== undefined && value !== null) done({ kind: 'picked', value });
      }),
      input.onDidHide(() => done({ kind: 'dismissed' })),
    ];
    let isDone = false;
    function done(picked: Picked<T>): void {
      if (isDone) return;
      isDone = true;
      for (const each of listeners) each.dispose();
      input.dispose();
      resolve(picked);
    }
    input.show();
  });
}
