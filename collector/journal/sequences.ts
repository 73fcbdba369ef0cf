/** A position in a stream of a node: everything up to this sequence is durable. */
export interface StreamPosition {
  node: string;
  epoch: string;
  stream: string;
  sequence: bigint;
}

/** What the journal must remember after its files are gone. */
export interface SequenceStore {
  load(): { entries: StreamPosition[]; lastFile: bigint };
  /** Raises positions and the last file number, never lowers them. Resolves when that is on disk. */
  save(entries: readonly StreamPosition[], lastFile: bigint): Promise<void>;
}

/** Highest durable sequence of every stream, from state and from the journal's files, whichever is higher. */
export interface Positions {
  durable(key: string): bigint;
  raise(position: StreamPosition): void;
}

export const positionKey = (position: Omit<StreamPosition, 'sequence'>): string =>
  JSON.stringify([position.node, position.epoch, position.stream]);

export function createPositions(): Positions {
  const highest = new Map<string, bigint>();
  return {
    durable: (key) => highest.get(key) ?? 0n,
    raise(position) {
      const key = positionKey(position);
      if (position.sequence > (highest.get(key) ?? 0n)) highest.set(key, position.sequence);
    },
  };
}
