import type { Log } from '../../logging/log.ts';
import type { AlertRow } from '../api/shapes/alerts.ts';
import type { AlertHistory, AlertSubject } from './alert-history.ts';
import type { TrackedAlert } from './alert-machine.ts';
import { type AlertRule, whatToDoAbout } from './alert-rule.ts';

interface Unsaved {
  about: AlertSubject;
  rule: AlertRule;
  alert: TrackedAlert;
  summary: string;
}

/**
 * An alert history that tells of alerts also while state.db cannot be written: on a full disk, when the alert about it
 * matters. What could not be written is held in memory, listed like the rest, and written when that is possible again.
 */
export function keepUnsaved(history: AlertHistory, { log }: { log: Log }): AlertHistory {
  const unsaved = new Map<string, Unsaved>();
  return {
    ...history,
    save(about, rule, alert, summary) {
      const key = keyOf(about);
      try {
        history.save(about, rule, alert, summary);
        unsaved.delete(key);
      } catch (error) {
        if (!unsaved.has(key)) log.warn({ ...about, err: error }, 'cannot write an alert down; it is held in memory');
        unsaved.set(key, { about, rule, alert, summary });
      }
    },
    resolve(about, atMs, why) {
      const known = unsaved.get(keyOf(about));
      // Throws while it cannot be written; the next evaluation resolves it then.
      if (known) history.save(known.about, known.rule, known.alert, known.summary);
      history.resolve(about, atMs, why);
      unsaved.delete(keyOf(about));
    },
    drop(about) {
      history.drop(about);
      unsaved.delete(keyOf(about));
    },
    list(filter) {
      const saved = history.list(filter).filter((row) => row.state === 'resolved' || !unsaved.has(keyOf(row)));
      const held = [...unsaved.values()]
        .filter(({ alert }) => filter.state === undefined || filter.state === alert.state)
        .map(unsavedRow);
      return [...saved, ...held].sort((a, b) => (a.since < b.since ? 1 : a.since > b.since ? -1 : 0));
    },
  };
}

const keyOf = ({ rule, node, subject }: AlertSubject): string => JSON.stringify([rule, node, subject]);

const unsavedRow = ({ about, rule, alert, summary }: Unsaved): AlertRow => ({
  ...about,
  id: `unsaved-${keyOf(about)}`,
  severity: rule.severity,
  state: alert.state,
  since: new Date(alert.sinceMs).toISOString(),
  resolvedAt: null,
  value: alert.value,
  limit: rule.limit,
  unit: rule.unit,
  summary,
  whatToDo: whatToDoAbout(rule, about.subject),
});
