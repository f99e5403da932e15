/**
 * What came in from the client. The protocol's library handles one message in each turn of the event loop, so what a
 * handler puts off to the next turn comes before the messages that already wait.
 * Source: vscode-jsonrpc lib/common/connection.js `triggerMessageQueue` (8.2).
 */
export interface Arrivals {
  /** A message has come. */
  note(): void;
  /** When no message waits any more. */
  handled(): Promise<void>;
}

/** `nextTurn`: the next turn of the event loop, behind all that the loop already has. */
export function countedArrivals(nextTurn: () => Promise<void>): Arrivals {
  let count = 0;
  let waiting: Promise<void> | null = null;
  const allHandled = async (): Promise<void> => {
    let seen: number;
    do {
      seen = count;
      await nextTurn();
      // What waits is handled in this turn, behind us.
      await nextTurn();
    } while (seen !== count);
    waiting = null;
  };
  return {
    note: () => void count++,
    // Thousands may wait at once: they wait together.
    handled: () => (waiting ??= allHandled()),
  };
}
