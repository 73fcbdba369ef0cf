/**
 * Turns what a child writes to standard error into lines for a person: of its own log only warnings and worse, and
 * everything that is not log (a message for the user, a stack) as it is.
 */
export function lineForTerminal(child: string, line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const entry = logEntry(line);
  if (!entry) return line;
  const warning = 40;
  if (entry.level < warning) return undefined;
  const cause = entry.err?.message ?? (typeof entry.reason === 'string' ? entry.reason : undefined);
  return `${child}: ${entry.msg}${cause && !entry.msg.includes(cause) ? `: ${cause}` : ''}`;
}

interface LogEntry {
  level: number;
  msg: string;
  err?: { message?: string };
  reason?: unknown;
}

function logEntry(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line);
    return typeof entry.level === 'number' && typeof entry.msg === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Cuts a stream of text into whole lines. */
export function createLineCutter(onLine: (line: string) => void): { push(text: string): void; end(): void } {
  let rest = '';
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end() {
      if (rest) onLine(rest);
      rest = '';
    },
  };
}
