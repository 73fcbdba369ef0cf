/** An hour of batches every second, and what comes before the machine itself is looked at. */
const maxMarks = 4_096;
/** Finer is of no use to a person. */
const resolutionMs = 1_000;

export interface WaitingTimes {
  /** A batch of this number came at this time; numbers and times grow. */
  came(sequence: number, unixMs: number): void;
  /** When the oldest batch came that has a higher number than this; undefined when there is none. */
  oldestAfter(sequence: number): number | undefined;
}

/** Remembers when batches came, to the second, in memory that is bounded: beyond an hour, ever more coarsely. */
export function createWaitingTimes(): WaitingTimes {
  let marks: { firstSequence: number; lastSequence: number; unixMs: number }[] = [];
  let stepMs = resolutionMs;

  return {
    came(sequence, unixMs) {
      const last = marks.at(-1);
      if (last && unixMs - last.unixMs < stepMs) {
        last.lastSequence = sequence;
        return;
      }
      marks.push({ firstSequence: sequence, lastSequence: sequence, unixMs });
      if (marks.length <= maxMarks) return;
      stepMs *= 2;
      // Two become one, which came when the first did.
      marks = marks.flatMap((mark, index) => {
        const next = marks[index + 1];
        return index % 2 === 1 ? [] : [next ? { ...mark, lastSequence: next.lastSequence } : mark];
      });
    },
    oldestAfter(sequence) {
      const gone = marks.findIndex(({ lastSequence }) => lastSequence > sequence);
      if (gone < 0) {
        marks = [];
        stepMs = resolutionMs;
        return undefined;
      }
      if (gone > 0) marks = marks.slice(gone);
      return marks[0]?.unixMs;
    },
  };
}
