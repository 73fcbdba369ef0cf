/** A map that keeps the `limit` entries used last; what falls out is handed to `dropped`. */
export function createLru<Value>(limit: number, dropped: (value: Value) => void = () => {}) {
  const entries = new Map<string, Value>();
  return {
    /** The entry of this key, made when there is none. */
    get(key: string, make: () => Value): Value {
      const found = entries.get(key);
      if (found !== undefined) {
        entries.delete(key);
        entries.set(key, found);
        return found;
      }
      const made = make();
      entries.set(key, made);
      if (entries.size > limit) {
        const [oldest, value] = entries.entries().next().value as [string, Value];
        entries.delete(oldest);
        dropped(value);
      }
      return made;
    },
    delete(key: string): void {
      const value = entries.get(key);
      if (value === undefined) return;
      entries.delete(key);
      dropped(value);
    },
    clear(): void {
      for (const value of entries.values()) dropped(value);
      entries.clear();
    },
  };
}
