import type { Meter } from '@opentelemetry/api';
import type { Audit } from '../state/audit.ts';
import type { DroppedDay } from '../store/retention.ts';
import type { Store } from '../store/store.ts';
import { ownInstruments } from './instruments.ts';
import type { OwnEvent, OwnEvents } from './own-events.ts';

/** Bytes on disk, rows and parts of every table, as metrics of the collector. */
export function observeStorage(meter: Meter, store: Pick<Store, 'query'>): void {
  const level = ([name, unit, description]: readonly [string, string, string]) =>
    meter.createObservableGauge(name, { unit, description });
  const bytes = level(ownInstruments.storedBytes);
  const rows = level(ownInstruments.storedRows);
  const parts = level(ownInstruments.storedParts);
  meter.addBatchObservableCallback(
    async (result) => {
      const answer = await store.query<{ name: string; bytes: string; rows: string; parts: string }>(
        'SELECT table AS name, sum(bytes_on_disk) AS bytes, sum(rows) AS rows, count() AS parts ' +
          'FROM system.parts WHERE active AND database = currentDatabase() GROUP BY name',
        { timeoutMs: 5000 },
      );
      for (const row of answer.rows) {
        const table = { 'db.collection.name': row.name };
        result.observe(bytes, Number(row.bytes), table);
        result.observe(rows, Number(row.rows), table);
        result.observe(parts, Number(row.parts), table);
      }
    },
    [bytes, rows, parts],
  );
}

const reasons = {
  age: 'past its retention',
  cap: 'storage was above collector.storage.maxBytes',
  space: 'free space was below collector.storage.minFreeBytes',
} as const;

/** How long storage takes to answer; deaf until it is connected, as the collector's metrics need storage first. */
export function createQueryTimes() {
  let record = (_seconds: number, _failed: boolean): void => {};
  return {
    tell: (seconds: number, failed: boolean) => record(seconds, failed),
    connect(meter: Meter): void {
      const [name, unit, description] = ownInstruments.queryDuration;
      const durations = meter.createHistogram(name, {
        unit,
        description,
        advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
      });
      record = (seconds, failed) => durations.record(seconds, { failed });
    },
  };
}

export interface DropReports {
  tell(dropped: DroppedDay): void;
  /** From here on drops are told; those from before are told now. */
  connect(meter: Meter, to: { events: Pick<OwnEvents, 'tell'>; audit: Audit }): void;
}

/** Makes each drop something that a person can read: an event, a line in the audit, two counters. */
export function createDropReports(): DropReports {
  const early: DroppedDay[] = [];
  let report = (dropped: DroppedDay): void => void early.push(dropped);
  return {
    tell: (dropped) => report(dropped),
    connect(meter, { events, audit }) {
      const counter = ([name, unit, description]: readonly [string, string, string]) =>
        meter.createCounter(name, { unit, description });
      const rows = counter(ownInstruments.droppedRows);
      const bytes = counter(ownInstruments.droppedBytes);
      report = (dropped) => {
        const labels = { class: dropped.class, reason: dropped.why };
        rows.add(dropped.rows, labels);
        bytes.add(dropped.bytes, labels);
        events.tell(eventOf(dropped));
        audit('storage.dropped', 'sextant collector', { ...dropped });
      };
      for (const dropped of early.splice(0)) report(dropped);
    },
  };
}

const eventOf = (dropped: DroppedDay): OwnEvent => ({
  name: 'sextant.collector.storage.dropped',
  severity: dropped.why === 'age' ? 'info' : 'warn',
  body:
    `Dropped ${dropped.class} of ${dropped.day}: ${dropped.rows} rows, ` +
    `${(dropped.bytes / 1024 / 1024).toFixed(1)} MiB; ${reasons[dropped.why]}.`,
  attributes: {
    class: dropped.class,
    day: dropped.day,
    reason: dropped.why,
    rows: dropped.rows,
    bytes: dropped.bytes,
    tables: dropped.tables,
  },
});
