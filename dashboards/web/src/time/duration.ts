const unitMs: Record<string, number> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const unitOf = (word: string): string | undefined => {
  if (/^s(ec(ond)?s?)?$/.test(word)) return 's';
  if (/^m(in(ute)?s?)?$/.test(word)) return 'm';
  if (/^h(ours?|rs?)?$/.test(word)) return 'h';
  if (/^d(ays?)?$/.test(word)) return 'd';
  if (/^w(eeks?)?$/.test(word)) return 'w';
  return undefined;
};

/** Reads `15m`, `3 h`, `1h30m`, `2 days`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  let sum = 0;
  let rest = text.trim().toLowerCase();
  if (rest === '') return undefined;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)\s*/.exec(rest);
    const unit = unitMs[unitOf(match?.[2] ?? '') ?? ''];
    if (!match || unit === undefined) return undefined;
    sum += Number(match[1]) * unit;
    rest = rest.slice(match[0].length);
  }
  return sum > 0 ? sum : undefined;
}

/** The shortest form that parseDuration reads back and the API takes: whole units only, largest that divides. */
export function writeDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's']) {
    const size = unitMs[unit];
    if (size !== undefined && unit !== 'w' && ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}

/** For people: `45 s`, `12 min`, `3 h 20 min`, `6 d 4 h`. */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
