import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver';

/** How long somebody waits without a word, in milliseconds. */
const untold = 400;
/** How often it is told how far it is. */
const often = 100;

/** Says how far something is that somebody waits for, once that takes long; `end` it in any case. */
export interface LongWork {
  readonly onProgress: (done: number) => void;
  readonly end: () => void;
}

export function longWork(connection: Connection, title: string, isShown: boolean): LongWork {
  let toldAt = performance.now() + untold - often;
  let shown: Promise<WorkDoneProgressServerReporter> | null = null;
  return {
    onProgress(done) {
      if (!isShown || performance.now() < toldAt + often) return;
      toldAt = performance.now();
      const percentage = Math.floor(done * 100);
      shown ??= connection.window.createWorkDoneProgress().then((progress) => {
        progress.begin(title, percentage);
        return progress;
      });
      void shown.then((progress) => progress.report(percentage));
    },
    end: () => void shown?.then((progress) => progress.done()),
  };
}
