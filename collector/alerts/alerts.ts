import { expiryText } from '../../bundle/expiry-text.ts';
import type { Settings } from '../../config/settings.ts';
import type { Log } from '../../logging/log.ts';
import type { AlertRow, AlertState } from '../api/shapes/alerts.ts';
import type { NodeRow } from '../api/shapes/nodes.ts';
import type { Journal } from '../journal/journal.ts';
import { ask, type Queries } from '../query/ask.ts';
import type { State } from '../state/state.ts';
import { type AlertSubject, createAlertHistory } from './alert-history.ts';
import { stepAlert, type TrackedAlert } from './alert-machine.ts';
import { type AlertRule, loadAlertRules } from './alert-rule.ts';
import { type AlertValue, builtInValues } from './built-in-values.ts';
import { keepUnsaved } from './unsaved-alerts.ts';

/** An alert at the moment at which it begins to fire. */
export interface FiringAlert {
  rule: AlertRule;
  node: string;
  subject: string;
}

export interface Alerts {
  /** Takes up what was open before and evaluates on a schedule. */
  start(): Promise<void>;
  /** Resolves when no evaluation runs any more. */
  close(): Promise<void>;
  /** Evaluates all rules once; what changed is in state.db when this resolves. A rule that fails leaves its alerts as they are. */
  evaluate(): Promise<void>;
  /** Told once of each alert that begins to fire. Returns a function that takes the handler away again. */
  onFiring(handler: (alert: FiringAlert) => void): () => void;
  /**
   * Open alerts, newest first, and with `resolvedSinceMs` those resolved since. A warning that a critical alert about
   * the same thing makes redundant is left out while both fire.
   */
  list(filter?: { state?: AlertState | undefined; resolvedSinceMs?: number | undefined }): AlertRow[];
}

interface AlertCapabilities {
  store: Queries;
  state: State;
  registry: { list(): NodeRow[] };
  peers: { list(): NodeRow[] };
  journal: Pick<Journal, 'troubles'>;
  log: Log;
  nowMs: () => number;
  /** The shipped rules when absent. */
  rules?: AlertRule[];
}

/** One evaluation of all rules. */
interface Round {
  atMs: number;
  /** By question: a warning and a critical alert about the same thing ask the same. */
  answers: Map<string, Promise<AlertValue[]>>;
}

/** Compares what nodes report with the rules of profiles/alerts.yaml. Throws SX_CONFIG_INVALID for rules that are wrong. */
export function createAlerts(capabilities: AlertCapabilities, settings: Settings): Alerts {
  const { store, registry, peers, journal, log, nowMs } = capabilities;
  const rules = capabilities.rules ?? loadAlertRules(settings);
  const history = keepUnsaved(createAlertHistory(capabilities.state), { log });
  const everyMs = settings['collector.alerts.evaluateEvery'];
  const abort = new AbortController();
  const startedMs = nowMs();
  /** Rule id → node and subject → what is known. */
  const tracked = new Map<string, Map<string, { about: AlertSubject; alert: TrackedAlert }>>();
  const firingHandlers = new Set<(alert: FiringAlert) => void>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  for (const { tracked: alert, ...about } of history.open()) {
    if (rules.some((rule) => rule.id === about.rule)) remember(about, alert);
    else history.resolve(about, startedMs, 'its rule is gone');
  }

  function remember(about: AlertSubject, alert: TrackedAlert): void {
    let ofRule = tracked.get(about.rule);
    if (!ofRule) {
      ofRule = new Map();
      tracked.set(about.rule, ofRule);
    }
    ofRule.set(keyOf(about), { about, alert });
  }

  async function readValues(rule: AlertRule, { atMs, answers }: Round): Promise<AlertValue[]> {
    if (rule.source.kind === 'built-in') {
      const known = { nodes: registry.list(), peers: peers.list(), troubles: journal.troubles() };
      return builtInValues[rule.source.name]({ ...known, rule, history, nowMs: atMs, startedMs });
    }
    const { sql } = rule.source;
    const question = JSON.stringify([sql, rule.parameters]);
    const answer = answers.get(question) ?? readRows(sql, { ...rule.parameters, nowMs: atMs });
    answers.set(question, answer);
    return answer;
  }

  async function readRows(sql: string, parameters: Record<string, unknown>): Promise<AlertValue[]> {
    const result = await ask<{ Node: string; Subject: string; Value: number }>(store, sql, {
      parameters,
      signal: abort.signal,
    });
    return result.rows.map((row) => ({ node: row.Node, subject: row.Subject, value: row.Value }));
  }

  async function evaluateRule(rule: AlertRule, round: Round): Promise<void> {
    const { atMs } = round;
    const values = await readValues(rule, round);
    const known = tracked.get(rule.id);
    const now = new Map(values.map((value) => [keyOf(value), value]));
    for (const value of now.values()) {
      take(rule, { rule: rule.id, node: value.node, subject: value.subject }, value.value, atMs);
    }
    for (const [key, { about }] of [...(known ?? [])]) if (!now.has(key)) take(rule, about, undefined, atMs);
  }

  function take(rule: AlertRule, about: AlertSubject, value: number | undefined, atMs: number): void {
    const before = tracked.get(rule.id)?.get(keyOf(about))?.alert;
    const step = stepAlert(before, value, rule, atMs);
    switch (step.kind) {
      case 'quiet':
        return;
      case 'keep':
        // The row shows the newest value; nothing is written while nothing is new.
        if (step.alert.value !== before?.value || step.alert.valueAtMs - (before?.valueAtMs ?? 0) > 60_000) {
          history.save(about, rule, step.alert, summary(rule, about, step.alert));
        }
        remember(about, step.alert);
        return;
      case 'pending':
      case 'firing':
        history.save(about, rule, step.alert, summary(rule, about, step.alert));
        remember(about, step.alert);
        if (step.kind === 'firing') {
          log.warn({ ...about, value, limit: rule.limit }, 'alert fires');
          for (const handler of firingHandlers) handler({ rule, node: about.node, subject: about.subject });
        }
        return;
      case 'dropped':
        history.drop(about);
        tracked.get(rule.id)?.delete(keyOf(about));
        return;
      case 'resolved':
        // The row keeps the last value above the limit: that is what the alert was about.
        history.resolve(about, atMs, step.reason);
        tracked.get(rule.id)?.delete(keyOf(about));
        log.info({ ...about, reason: step.reason }, 'alert resolved');
    }
  }

  async function evaluate(): Promise<void> {
    const round: Round = { atMs: nowMs(), answers: new Map() };
    for (const rule of rules) {
      if (abort.signal.aborted) return;
      try {
        await evaluateRule(rule, round);
      } catch (error) {
        if (!abort.signal.aborted) log.warn({ rule: rule.id, err: error }, 'cannot evaluate an alert rule');
      }
    }
    try {
      history.trim(nowMs());
    } catch (error) {
      log.warn({ err: error }, 'cannot forget old alerts');
    }
  }

  function schedule(): void {
    timer = setTimeout(() => {
      running = evaluate().finally(() => {
        running = undefined;
        if (!abort.signal.aborted) schedule();
      });
    }, everyMs);
  }

  return {
    async start() {
      schedule();
    },
    async close() {
      abort.abort();
      clearTimeout(timer);
      await running;
    },
    evaluate,
    onFiring(handler) {
      firingHandlers.add(handler);
      return () => {
        firingHandlers.delete(handler);
      };
    },
    list(filter = {}) {
      const rows = history.list(filter);
      const overridden = new Set(
        rows
          .filter((row) => row.state === 'firing')
          .flatMap((row) =>
            (rules.find((rule) => rule.id === row.rule)?.overrides ?? []).map((rule) => `${rule} ${keyOf(row)}`),
          ),
      );
      return rows.filter((row) => row.state === 'resolved' || !overridden.has(`${row.rule} ${keyOf(row)}`));
    },
  };
}

const keyOf = (about: { node: string; subject: string }): string => JSON.stringify([about.node, about.subject]);

function summary(rule: AlertRule, about: AlertSubject, alert: TrackedAlert): string {
  const filling: Record<string, string> = {
    node: about.node,
    subject: about.subject,
    value: String(Math.round(alert.value * 10) / 10),
    expiry: expiryText(alert.value),
    limit: String(rule.limit),
    unit: rule.unit,
  };
  return rule.summary.replace(/\{(\w+)\}/g, (whole, name: string) => filling[name] ?? whole);
}
