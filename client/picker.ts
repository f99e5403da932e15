import { type Disposable, QuickInputButtons, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { plainLabel, withoutIcons } from './plainLabel.ts';

/** Something to pick; `value` is null for what only says something. What it says is text: `$(bug)` is no icon. */
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
  Object.assign(input, { title: plainLabel(title), placeholder, value: typed });
  input.buttons = step === 'later' ? [QuickInputButtons.Back] : [];
  const show = (value: string): void => {
    input.items = items(value).map((each) => ({ ...asText(each), alwaysShow: true }));
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

/** Items behind a heading, if they have one; none where there are none. */
export function under<T>(heading: string | null, items: readonly PickItem<T>[]): readonly PickItem<T>[] {
  if (heading === null || items.length === 0) return items;
  return [{ label: heading, kind: QuickPickItemKind.Separator, value: null }, ...items];
}

function asText<T>({ label, description, detail, ...rest }: PickItem<T>): PickItem<T> {
  return {
    ...rest,
    label: withoutIcons(label),
    ...(description === undefined ? {} : { description: withoutIcons(description) }),
    ...(detail === undefined ? {} : { detail: withoutIcons(detail) }),
  };
}
