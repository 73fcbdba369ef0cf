/** Who may send next. */
export interface Turns {
  /** Resolves when it is this sender's turn, with what ends it; undefined when `signal` was aborted first. */
  take(sender: TurnTaker, bytes: number, signal: AbortSignal): Promise<(() => void) | undefined>;
}

export interface TurnTaker {
  /** Share of the wire while others wait too. */
  readonly weight: number;
}

/** How long a place is kept for a sender that is before the others and reads its next batch. */
const keptMs = 5;

/**
 * Shares a few places on the wire among senders by weight: who has sent least for its weight goes next (stride
 * scheduling over bytes). Nobody starves, and a sender that was idle gains no credit.
 */
export function createTurns(options: { atOnce: number }): Turns {
  const passes = new WeakMap<TurnTaker, number>();
  const waiting: { sender: TurnTaker; bytes: number; start(): void }[] = [];
  const kept = new Map<TurnTaker, () => void>();
  let busy = 0;
  /** Pass of who went last: where a sender that comes back begins. */
  let now = 0;

  const passOf = (sender: TurnTaker): number => Math.max(passes.get(sender) ?? 0, now);
  const first = () =>
    waiting.reduce<(typeof waiting)[number] | undefined>(
      (best, each) => (best && passOf(best.sender) <= passOf(each.sender) ? best : each),
      undefined,
    );

  /** Gives the place free, but keeps it for a moment for a sender whose turn it would be again. */
  function leavePlace(sender: TurnTaker): void {
    const next = first();
    if (next === undefined || passOf(sender) >= passOf(next.sender)) {
      busy -= 1;
      admit();
      return;
    }
    const giveUp = (): void => {
      clearTimeout(timer);
      kept.delete(sender);
      busy -= 1;
      admit();
    };
    const timer = setTimeout(giveUp, keptMs);
    kept.set(sender, giveUp);
  }

  function admit(): void {
    while (busy < options.atOnce) {
      const next = first();
      if (next === undefined) return;
      waiting.splice(waiting.indexOf(next), 1);
      const pass = passOf(next.sender);
      now = pass;
      passes.set(next.sender, pass + Math.max(1, next.bytes) / next.sender.weight);
      busy += 1;
      next.start();
    }
  }

  return {
    take(sender, bytes, signal) {
      const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>();
      const entry = {
        sender,
        bytes,
        start() {
          signal.removeEventListener('abort', leave);
          let ended = false;
          resolve(() => {
            if (ended) return;
            ended = true;
            leavePlace(sender);
          });
        },
      };
      const leave = (): void => {
        const at = waiting.indexOf(entry);
        if (at >= 0) waiting.splice(at, 1);
        resolve(undefined);
      };
      if (signal.aborted) return Promise.resolve(undefined);
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(entry);
      const giveUp = kept.get(sender);
      if (giveUp) giveUp();
      else admit();
      return promise;
    },
  };
}
