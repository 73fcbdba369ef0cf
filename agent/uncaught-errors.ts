/** Lets `take` have errors that nobody caught; what it does not take ends the process as before. Returns the undoing. */
export function catchErrors(take: (error: unknown) => boolean): () => void {
  const handler = (error: unknown): void => {
    if (take(error)) return;
    process.off('uncaughtException', handler);
    // Nobody else listens: thrown outside of any handler it ends the process the way Node does.
    if (process.listenerCount('uncaughtException') === 0)
      setImmediate(() => {
        throw error;
      });
  };
  process.on('uncaughtException', handler);
  return () => {
    process.off('uncaughtException', handler);
  };
}
