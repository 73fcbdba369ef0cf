import { type Coverage, isGap } from '../coverage.ts';
import { formatBytes, formatDuration } from '../report-format.ts';
import { capacityChecks } from './capacity-checks.ts';
import { hit, spanOf } from './check-hit.ts';
import type { Hit } from './hits.ts';
import type { Series, SeriesStore } from './series.ts';

/** What a bundle holds beside records and samples. */
export interface CheckInput {
  coverage: Coverage | undefined;
  alerts: readonly BundleAlert[];
  inventories: readonly { node: string; facts: Record<string, unknown> }[];
  series: SeriesStore;
  /** Series by the role that the analyzer gives them. */
  metric(role: string): Series[];
  number(name: string): number;
  texts(name: string): string[];
  /** Records of orderly shutdowns: Unix milliseconds by node. */
  shutdowns: ReadonlyMap<string, readonly number[]>;
}

export interface BundleAlert {
  rule: string;
  state: string;
  node: string;
  subject: string;
  since: string;
  summary: string;
}

/** What needs more than a condition, one small function each. All numbers and names that they use stand in the data. */
const checks = {
  ...capacityChecks,

  /** A part is used beyond a limit, or will be full soon at the pace of the window. */
  'filling-up': ({ metric, number, texts }: CheckInput): Hit[] =>
    metric('used').flatMap((used): Hit[] => {
      const same = (series: Series): boolean =>
        series.node === used.node && texts('by').every((name) => series.attributes[name] === used.attributes[name]);
      const size = metric('size').find(same);
      if (!size || size.last <= 0) return [];
      const share = used.last / size.last;
      const spanMs = used.lastMs - used.firstMs;
      const perDay = spanMs > 0 ? ((used.last - used.first) / spanMs) * 86_400_000 : 0;
      const daysLeft = perDay > 0 ? (size.last - used.last) / perDay : Number.POSITIVE_INFINITY;
      // A pace of minutes says nothing of days.
      const soon = spanMs >= number('paceOverHours') * 3_600_000 && daysLeft < number('daysLeft');
      if (share <= number('share') && !soon) return [];
      const pace = perDay > 0 && spanMs >= 3_600_000 ? `, growing by ${formatBytes(perDay)} a day` : '';
      const full = soon ? `, full in ${Math.max(0, Math.round(daysLeft))} days at that pace` : '';
      const subject = used.attributes[texts('by')[0] ?? ''] ?? '';
      const detail = `${formatBytes(used.last)} of ${formatBytes(size.last)}${pace}${full}`;
      return [hit({ node: used.node, subject, ...spanOf([used]), value: Math.round(share * 100), unit: '%', detail })];
    }),

  /** A job that should move on has the same progress for long. */
  'stuck-progress': ({ metric, number, texts }: CheckInput): Hit[] =>
    metric('progress').flatMap((series): Hit[] => {
      if (series.last >= 1) return [];
      const moved = series.points.findLast(([, value]) => value !== series.last);
      const stillMs = series.lastMs - (moved?.[0] ?? series.firstMs);
      if (stillMs < number('minutes') * 60_000) return [];
      const subject = series.attributes[texts('by')[0] ?? ''] ?? '';
      const detail = `at ${Math.round(series.last * 100)} % for ${formatDuration(stillMs)}`;
      return [
        hit({
          node: series.node,
          subject,
          ...spanOf([series]),
          value: Math.round(series.last * 100),
          unit: '%',
          detail,
        }),
      ];
    }),

  /** A node's metrics stop for a while in the middle of the window. */
  'gap-in-metrics': ({ metric, number }: CheckInput): Hit[] =>
    metric('any').flatMap((series): Hit[] => {
      const { gap } = series;
      if (!gap || gap.untilMs - gap.fromMs < number('minutes') * 60_000) return [];
      const detail = formatDuration(gap.untilMs - gap.fromMs);
      return [hit({ node: series.node, ...spanOf([series]), firstMs: gap.fromMs, lastMs: gap.untilMs, detail })];
    }),

  /** Uptime began anew, and no record says that somebody shut the machine down. */
  'restart-without-shutdown': ({ metric, number, shutdowns }: CheckInput): Hit[] =>
    metric('uptime').flatMap(({ node, name, falls }): Hit[] => {
      const unannounced = falls.filter(({ atMs, after }) => {
        const bootMs = atMs - after * 1000;
        return !(shutdowns.get(node) ?? []).some(
          (at) => at <= bootMs + 60_000 && at >= bootMs - number('minutes') * 60_000,
        );
      });
      const [first] = unannounced;
      if (!first) return [];
      const times = { firstMs: first.atMs, lastMs: unannounced.at(-1)?.atMs ?? first.atMs };
      return [hit({ node, count: unannounced.length, channel: name, ...times })];
    }),

  /** A node's clock is off against the collector's. */
  'clock-offset': ({ coverage, number }: CheckInput): Hit[] =>
    (coverage?.nodes ?? []).flatMap(({ node, clockOffsetMs, lastSeen }): Hit[] => {
      const offset = Math.abs(clockOffsetMs ?? 0);
      if (offset <= number('aboveMs') || offset > number('uptoMs')) return [];
      const atMs = lastSeen === null ? null : Date.parse(lastSeen);
      const detail = `${formatDuration(offset)} ${(clockOffsetMs ?? 0) > 0 ? 'ahead of' : 'behind'} the collector`;
      return [hit({ node, value: offset, unit: 'ms', firstMs: atMs, lastMs: atMs, detail })];
    }),

  /** Nodes or sources of which the bundle lacks something that is not there any more. */
  'coverage-state': ({ coverage, texts }: CheckInput): Hit[] => {
    const states = texts('states');
    const sources = (coverage?.sources ?? []).filter(({ state }) => isGap(state) && states.includes(state));
    return [...Map.groupBy(sources, ({ node }) => node)].map(([node, own]) =>
      hit({
        node,
        count: own.length,
        detail: own
          .slice(0, 5)
          .map(({ source, reason }) => `${source}: ${reason ?? ''}`)
          .join('; '),
      }),
    );
  },

  /** Alerts of some rules that were open in the window. */
  'alert-open': ({ alerts, texts }: CheckInput): Hit[] =>
    alerts
      .filter(({ rule, state }) => texts('rules').includes(rule) && state !== 'pending')
      .map(({ node, subject, since, summary }) =>
        hit({
          node,
          subject,
          firstMs: Number.isNaN(Date.parse(since)) ? null : Date.parse(since),
          channel: 'alerts',
          detail: summary,
        }),
      ),

  /** The nodes of one site do not run the same version of something. */
  'different-versions': ({ inventories, texts }: CheckInput): Hit[] =>
    texts('facts').flatMap((fact): Hit[] => {
      const byValue = Map.groupBy(inventories, ({ facts }) => factOf(facts, fact));
      byValue.delete('');
      if (byValue.size < 2) return [];
      const parts = [...byValue].map(([value, nodes]) => `${value} on ${nodes.map(({ node }) => node).join(', ')}`);
      return [
        hit({
          node: '',
          subject: fact,
          count: byValue.size,
          channel: 'inventory',
          detail: parts.join('; ').slice(0, 1000),
        }),
      ];
    }),
} satisfies Record<string, (input: CheckInput) => Hit[]>;

export type CheckName = keyof typeof checks;
export const checkNames = Object.keys(checks) as CheckName[];
export const runCheck = (name: CheckName, input: CheckInput): Hit[] => checks[name](input);

/** A fact by its path, `os.kernel`; empty when there is none. */
function factOf(facts: Record<string, unknown>, path: string): string {
  let value: unknown = facts;
  for (const part of path.split('.')) {
    value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[part] : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 200) : '';
}
