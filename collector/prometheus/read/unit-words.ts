/** UCUM units as Prometheus writes them in names (OpenTelemetry's “Prometheus and OpenMetrics compatibility”). */
const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    d: 'days',
    h: 'hours',
    min: 'minutes',
    s: 'seconds',
    ms: 'milliseconds',
    us: 'microseconds',
    ns: 'nanoseconds',
    By: 'bytes',
    KiBy: 'kibibytes',
    MiBy: 'mebibytes',
    GiBy: 'gibibytes',
    TiBy: 'tibibytes',
    KBy: 'kilobytes',
    kBy: 'kilobytes',
    MBy: 'megabytes',
    GBy: 'gigabytes',
    TBy: 'terabytes',
    m: 'meters',
    V: 'volts',
    A: 'amperes',
    J: 'joules',
    W: 'watts',
    g: 'grams',
    Cel: 'celsius',
    Hz: 'hertz',
    '%': 'percent',
  }),
);

/** What a unit is per: singular. */
const perWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    s: 'second',
    m: 'minute',
    min: 'minute',
    h: 'hour',
    d: 'day',
    w: 'week',
    mo: 'month',
    y: 'year',
  }),
);

const bare = (unit: string): string => unit.replace(/\{[^}]*\}/g, '').trim();
const clean = (word: string): string => word.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_+|_+$/g, '');

/** The words of a unit, those that a name ends with: `By/s` is `bytes_per_second`. Empty for no unit and for 1. */
export function unitWords(unit: string): string {
  const [what = '', per] = unit.split('/', 2);
  const word = bare(what) === '1' ? '' : clean(words.get(bare(what)) ?? bare(what));
  const perWord = per === undefined ? '' : clean(perWords.get(bare(per)) ?? bare(per));
  return [word, ...(perWord ? ['per', perWord] : [])].filter((part) => part !== '').join('_');
}
