import { createHash } from 'node:crypto';
import { SeverityNumber } from '@opentelemetry/api-logs';
import type { LogPipeline } from '../source.ts';
import type { HealthFault } from './health-faults.ts';
import type { Leadership } from './leadership.ts';

const positionKey = 'cluster:health-faults';
/** What is remembered is one line in the spool's checkpoint. */
const maxRemembered = 500;
/**
 * Clocks of nodes differ, and the node that led before may have died before it told its last fault: what came this shortly
 * before a change of leader is told as new.
 */
const overlapMs = 10 * 60_000;

type FaultEvent = 'created' | 'open' | 'updated' | 'removed';

/** What was told of a fault last. */
interface Told {
  digest: string;
  raisedUnixMs: number | undefined;
}

/**
 * Tells in log records which faults are new, changed or gone, across restarts of the agent.
 *
 * Nodes share no memory, and nobody can tell whether the node that led before has told a fault: its agent may have been
 * dead. So the one that leads now tells those that it does not know, as `open` where they are older than its lead, and with
 * the `log.record.uid` that `created` has on every node: told twice rather than never, and told apart.
 */
export function createFaultJournal(logs: LogPipeline, leadership: Pick<Leadership, 'sinceUnixMs'>) {
  const logger = logs.logger('cluster');

  function emit(event: FaultEvent, { id, uid, fault }: { id: string; uid: string; fault?: HealthFault }): void {
    const severe = event !== 'removed' && (fault?.severity ?? 0) > 4;
    const level = event === 'removed' ? 'INFO' : severe ? 'ERROR' : 'WARN';
    logger.emit({
      eventName: `azurelocal.health.fault.${event}`,
      severityNumber: SeverityNumber[level],
      severityText: level,
      body: fault
        ? `Health fault ${event}: ${fault.reason || fault.type} (${fault.object.description})`
        : `Health fault ${event}: ${id}`,
      attributes: {
        'log.record.uid': uid,
        'azurelocal.health.fault.id': id,
        'azurelocal.health.fault.event': event,
        ...(fault && {
          'azurelocal.health.fault.type': fault.type,
          'azurelocal.health.fault.severity': fault.severityName,
          'azurelocal.health.fault.reason': fault.reason,
          'azurelocal.health.fault.recommended_actions': fault.recommended.join('\n'),
          'azurelocal.health.fault.object': fault.object.description,
          'azurelocal.health.fault.object.type': fault.object.type,
          'azurelocal.health.fault.object.id': fault.object.id,
          'azurelocal.health.fault.location': fault.object.location,
          ...(fault.raisedUnixMs && { 'azurelocal.health.fault.time': new Date(fault.raisedUnixMs).toISOString() }),
        }),
      },
    });
  }

  function isFromBefore({ raisedUnixMs }: HealthFault): boolean {
    const since = leadership.sinceUnixMs();
    return since !== undefined && raisedUnixMs !== undefined && raisedUnixMs < since - overlapMs;
  }

  return {
    /** Compares with what was told last; returns how many records were emitted. */
    tell(faults: readonly HealthFault[]): number {
      const before = readRemembered(logs.position(positionKey));
      const now = new Map<string, Told>();
      let records = 0;
      for (const fault of faults.slice(0, maxRemembered)) {
        const { id, raisedUnixMs } = fault;
        const digest = digestOf(fault);
        now.set(id, { digest, raisedUnixMs });
        const known = before.get(id);
        if (known?.digest === digest) continue;
        if (known) emit('updated', { id, uid: uidOf(id, raisedUnixMs, `${known.digest}>${digest}`), fault });
        else emit(isFromBefore(fault) ? 'open' : 'created', { id, uid: uidOf(id, raisedUnixMs, digest), fault });
        records += 1;
      }
      for (const [id, { raisedUnixMs }] of before) {
        if (now.has(id)) continue;
        emit('removed', { id, uid: uidOf(id, raisedUnixMs, 'removed') });
        records += 1;
      }
      if (records > 0) logs.mark(positionKey, formatRemembered(now));
      return records;
    },
  };
}

/** The same on every node: of the fault, of when it was raised, and of what is told. */
const uidOf = (id: string, raisedUnixMs: number | undefined, state: string): string =>
  `azurelocal:fault:${id}:${raisedUnixMs ?? ''}:${state}`;

/** What of a fault is news when it changes; its time is not. */
function digestOf({ type, severity, reason, object }: HealthFault): string {
  const told = JSON.stringify([type, severity, reason, object.description, object.location]);
  return createHash('sha256').update(told).digest('base64url').slice(0, 12);
}

const formatRemembered = (told: ReadonlyMap<string, Told>): string =>
  JSON.stringify([...told].map(([id, { digest, raisedUnixMs }]) => [id, digest, raisedUnixMs]));

/** Positions of earlier releases have no time. */
function readRemembered(position: string | undefined): Map<string, Told> {
  try {
    const told: unknown = JSON.parse(position ?? '[]');
    if (!Array.isArray(told)) return new Map();
    return new Map(
      (told as [string, string, number?][]).map(([id, digest, raised]) => [
        id,
        { digest, raisedUnixMs: raised ?? undefined },
      ]),
    );
  } catch {
    return new Map();
  }
}
