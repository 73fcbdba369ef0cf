import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { createLogEncoder } from '../../../agent/pipeline/log-encoder.ts';
import { createLinuxLines } from './linux-lines.ts';
import type { LogLine } from './log-line.ts';
import { createRandom } from './random.ts';
import { createWindowsLines } from './windows-lines.ts';

export interface LogBatch {
  node: string;
  /** An OTLP export request, as the agent's own encoder writes it. */
  otlp: Buffer;
  records: number;
}

interface SiteOptions {
  nodes: number;
  records: number;
  fromMs: number;
  untilMs: number;
  recordsPerBatch: number;
  /** Also told of every line, in order of time within a batch. */
  onLine?: (node: string, line: LogLine) => void;
}

/**
 * Logs of a site, spread evenly over a span of time: of three machines one is a Windows host, two run Linux (the
 * control plane and what it carries).
 * The same options give the same bytes.
 */
export function* logSite(options: SiteOptions): Generator<LogBatch> {
  const { nodes, records, fromMs, untilMs, recordsPerBatch, onLine } = options;
  const machines = Array.from({ length: nodes }, (_, at) => createMachine(at, onLine));
  const stepMs = (untilMs - fromMs) / records;
  for (let done = 0, turn = 0; done < records; turn++) {
    const count = Math.min(recordsPerBatch, records - done);
    const machine = machines[turn % nodes] as ReturnType<typeof createMachine>;
    // The machines write side by side: a round of batches shares one stretch of time.
    const round = Math.floor(done / (recordsPerBatch * nodes)) * recordsPerBatch * nodes;
    for (let at = 0; at < count; at++) {
      machine.add(Math.floor(fromMs + Math.min(records - 1, round + at * nodes + (turn % nodes)) * stepMs));
    }
    done += count;
    yield { node: machine.node, otlp: machine.take(), records: count };
  }
}

function createMachine(at: number, onLine: SiteOptions['onLine']) {
  const isWindows = at % 3 === 0;
  const node = isWindows ? `hci-n${String(at + 1).padStart(2, '0')}` : `lnx-${String(at + 1).padStart(2, '0')}`;
  const seed = 1000 + at;
  const nextLine = isWindows ? createWindowsLines(node, seed) : createLinuxLines(node, seed);
  const ids = createRandom(seed + 500);
  const encoder = createLogEncoder();
  const resource = resourceFromAttributes({
    'service.name': 'sextant-agent',
    'service.version': '0.1.0',
    'service.instance.id': `${ids.hex(8)}-${ids.hex(4)}-4${ids.hex(3)}-a${ids.hex(3)}-${ids.hex(12)}`,
    'host.name': node,
    'host.id': ids.hex(32),
    'os.type': isWindows ? 'windows' : 'linux',
    'os.description': isWindows ? 'Azure Stack HCI, version 23H2' : 'Debian GNU/Linux 12 (bookworm)',
  });
  const scopes = new Map<string, ReadableLogRecord['instrumentationScope']>();

  return {
    node,
    add(unixMs: number): void {
      const line = nextLine(unixMs);
      onLine?.(node, line);
      let scope = scopes.get(line.scope);
      if (!scope) {
        scope = { name: line.scope, version: '0.1.0' };
        scopes.set(line.scope, scope);
      }
      const time: [number, number] = [Math.floor(unixMs / 1000), (unixMs % 1000) * 1_000_000];
      encoder.add({
        hrTime: time,
        hrTimeObserved: time,
        body: line.body,
        ...(line.severity > 0 && { severityNumber: line.severity, severityText: line.severityText }),
        attributes: line.attributes,
        droppedAttributesCount: 0,
        instrumentationScope: scope,
        resource,
      } as ReadableLogRecord);
    },
    take: (): Buffer => Buffer.from(encoder.take()),
  };
}
