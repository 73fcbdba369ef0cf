import { SextantError } from '../../errors/sextant-error.ts';

/** One request's part of the budget. */
export interface BudgetShare {
  /** Throws SX_UNAVAILABLE when there is no room; the share keeps what it has. */
  take(bytes: number): void;
  /** Gives everything back. */
  release(): void;
}

/**
 * Bounds what requests hold in memory together, however many come at once: beyond it a sender is asked to come again,
 * which every OTLP client does by itself.
 */
export function createMemoryBudget(maxBytes: number): { open(): BudgetShare; takenBytes(): number } {
  let taken = 0;
  return {
    takenBytes: () => taken,
    open() {
      let mine = 0;
      return {
        take(bytes) {
          if (taken + bytes > maxBytes) {
            throw new SextantError('SX_UNAVAILABLE', 'requests that are under way fill the memory set aside for them');
          }
          taken += bytes;
          mine += bytes;
        },
        release() {
          taken -= mine;
          mine = 0;
        },
      };
    },
  };
}
