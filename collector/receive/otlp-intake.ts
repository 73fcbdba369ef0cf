import type { IncomingHttpHeaders } from 'node:http';
import type { Settings } from '../../config/settings.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { Signal } from '../../protocol/headers.ts';
import type { Identity } from '../api/identity.ts';
import type { Journal } from '../journal/journal.ts';
import { type ClientFigures, clientName, createClientFigures } from './client-figures.ts';
import { decompress } from './decompress.ts';
import { spellOutDeepValues } from './deep-values.ts';
import { jsonToProtobuf } from './json/json-to-protobuf.ts';
import { type BudgetShare, createMemoryBudget } from './memory-budget.ts';
import { demandChecksum, readNumbering } from './numbering.ts';
import { maxValueLevels } from './value-text.ts';
import { walkRequest } from './walk.ts';

export type IngestIdentity = Extract<Identity, { kind: 'node' | 'sender' }>;

export interface Delivery {
  signal: Signal;
  from: IngestIdentity;
  format: 'protobuf' | 'json';
  /** As it came. */
  body: Buffer;
  /** Content-Encoding of the body. */
  encoding: string | undefined;
  /** Nodes number their batches here; of anybody else they are not looked at. */
  headers: IncomingHttpHeaders;
  share: BudgetShare;
}

export interface Delivered {
  outcome: 'stored' | 'duplicate';
  /** What the client should know of records that were taken, but not with all that was in them. */
  warning?: string;
}

/** The one way from a request to the journal, whatever it came by. */
export interface OtlpIntake {
  /** A share of the memory set aside for what nodes, or all others, send. */
  openShare(from: IngestIdentity): BudgetShare;
  /**
   * Returns when the batch is durable. Throws SX_BAD_OTLP, SX_BAD_REQUEST, SX_MEDIA_TYPE and SX_TOO_LARGE for a request
   * that never will be, SX_BACKLOG_FULL, SX_DISK_FULL, SX_CAP_REACHED and SX_UNAVAILABLE for one that may come again.
   */
  deliver(delivery: Delivery): Promise<Delivered>;
}

/** How many requests of the largest size may be in memory. */
const largestRequestsAtOnce = 4;
/** A compressed body may grow to the largest request before anybody knows, so few do at once. */
const decompressionsAtOnce = 4;

export interface IntakeParts {
  journal: Journal;
  settings: Settings;
  log: Log;
  /** Counts by client; nobody looks at them when absent. */
  clients?: ClientFigures;
}

export function createOtlpIntake({ journal, settings, log, clients = createClientFigures() }: IntakeParts): OtlpIntake {
  const maxBytes = settings['collector.limits.requestBytes'];
  // Strangers that come in numbers leave the nodes their room.
  const budgets = {
    node: createMemoryBudget(largestRequestsAtOnce * maxBytes),
    sender: createMemoryBudget(largestRequestsAtOnce * maxBytes),
  };
  const turns = createTurns(decompressionsAtOnce);

  async function plainBody({ body, encoding, share }: Delivery): Promise<Buffer> {
    const plain = await turns(() => decompress(body, encoding, maxBytes));
    if (plain !== body) share.take(plain.length);
    return plain;
  }

  async function store(delivery: Delivery): Promise<Delivered> {
    const { signal, from, headers, share } = delivery;
    const numbering = from.kind === 'node' ? readNumbering(headers) : undefined;
    let bytes = await plainBody(delivery);
    if (from.kind === 'node') demandChecksum(headers, bytes);
    if (delivery.format === 'json') {
      bytes = jsonToProtobuf(signal, bytes, { maxBytes });
      share.take(bytes.length);
    }
    const { records, outline, deep } = walkRequest(signal, bytes);
    const node = clientName(from);
    const counts = clients.of(node);
    let warning: string | undefined;
    if (deep) {
      const spelled = spellOutDeepValues(signal, bytes, { maxBytes });
      share.take(spelled.bytes.length);
      bytes = spelled.bytes;
      counts.leftOut += spelled.left;
      if (spelled.left > 0) {
        log.warn({ client: node, signal, values: spelled.left }, 'left values out that nest too deep');
        warning = `parts of values left out: ${spelled.left}, nested deeper than ${maxValueLevels} levels or too large as text`;
      }
    }
    const outcome = await journal.append({ signal, node, bytes, records, outline, ...(numbering && { numbering }) });
    if (outcome === 'duplicate') counts.duplicates++;
    else {
      counts.batches++;
      counts.records += records;
      counts.bytes += bytes.length;
    }
    return { outcome, ...(warning && { warning }) };
  }

  return {
    openShare: (from) => budgets[from.kind].open(),
    async deliver(delivery) {
      const client = clientName(delivery.from);
      const startedAt = performance.now();
      try {
        const delivered = await store(delivery);
        clients.acknowledged(client, (performance.now() - startedAt) / 1000);
        return delivered;
      } catch (error) {
        const mayComeAgain = error instanceof SextantError && (error.status === 429 || error.status === 503);
        clients.of(client)[mayComeAgain ? 'deferred' : 'refused']++;
        if (error instanceof SextantError && !mayComeAgain) {
          const { signal, from } = delivery;
          const who = from.kind === 'node' ? { node: from.node } : { sender: from.name };
          log.warn({ ...who, signal, code: error.code, message: error.message }, 'refused a batch');
        }
        throw error;
      } finally {
        delivery.share.release();
      }
    },
  };
}

/** Runs so many at once and lets the others wait in the order in which they came. */
function createTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running < atOnce) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
