import { ByteWriter } from '../../../protocol/otlp/byte-writer.ts';
import { createRandom } from './random.ts';
import { type Series, seriesOfNode } from './series.ts';

export interface MetricBatch {
  node: string;
  /** An OTLP export request: one collection of one node. */
  otlp: Buffer;
  samples: number;
}

interface SiteOptions {
  nodes: number;
  collections: number;
  fromMs: number;
  intervalMs: number;
  onSample?: (node: string, series: Series, unixMs: number, value: number) => void;
}

/**
 * Metrics of a site, one batch a node and interval. Nodes sample at their own moments, a millisecond or three late each
 * time, as timers are. The same options give the same bytes.
 */
export function* metricSite(options: SiteOptions): Generator<MetricBatch> {
  const { nodes, collections, fromMs, intervalMs, onSample } = options;
  const jitter = createRandom(7);
  const sites = Array.from({ length: nodes }, (_, at) => createNode(at, fromMs, onSample));
  const nextMs = sites.map(() => fromMs + jitter.below(intervalMs));
  for (let collection = 0; collection < collections; collection++) {
    for (const [at, site] of sites.entries()) {
      yield site.collect(nextMs[at] as number);
      nextMs[at] = (nextMs[at] as number) + intervalMs + jitter.below(4);
    }
  }
}

/** Series of one metric, with what does not change from sample to sample as bytes. */
interface Metric {
  kind: Series['kind'];
  head: Buffer;
  series: { series: Series; attributes: Buffer }[];
}

function createNode(at: number, startedMs: number, onSample: SiteOptions['onSample']) {
  const node = `hci-n${String(at + 1).padStart(2, '0')}`;
  const random = createRandom(2000 + at);
  const resource = encoded((out) => {
    for (const [key, value] of Object.entries({
      'service.name': 'sextant-agent',
      'service.version': '0.1.0',
      'service.instance.id': `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-a${random.hex(3)}-${random.hex(12)}`,
      'host.name': node,
      'host.id': random.hex(32),
      'os.type': 'windows',
      'os.description': 'Azure Stack HCI, version 23H2',
    }))
      attribute(out, 0x0a, key, value);
  });
  const scope = encoded((out) => {
    out.varint(0x0a);
    out.text('host');
    out.varint(0x12);
    out.text('0.1.0');
  });
  const metrics: Metric[] = [...Map.groupBy(seriesOfNode(random), ({ metric }) => metric).values()].map((some) => {
    const [{ metric, unit, kind }] = some as [Series];
    return {
      kind,
      head: encoded((out) => {
        out.varint(0x0a);
        out.text(metric);
        out.varint(0x12);
        out.text(`What ${metric} counts.`);
        out.varint(0x1a);
        out.text(unit);
      }),
      series: some.map((series) => ({
        series,
        attributes: encoded((out) => {
          for (const [key, value] of Object.entries(series.attributes)) attribute(out, 0x3a, key, value);
        }),
      })),
    };
  });
  const samples = metrics.reduce((sum, { series }) => sum + series.length, 0);
  const body = new ByteWriter(256 * 1024);
  let lastMs = startedMs;

  return {
    collect(unixMs: number): MetricBatch {
      body.reset();
      for (const { kind, head, series } of metrics) {
        message(body, 0x12, () => {
          body.bytes(head);
          // Gauge is field 5, Sum field 7; a gauge of our agents begins with the sample before (see metric-pipeline.ts).
          message(body, kind === 'gauge' ? 0x2a : 0x3a, () => {
            for (const { series: one, attributes } of series) {
              const value = one.next();
              onSample?.(node, one, unixMs, value);
              message(body, 0x0a, () => {
                time(body, 0x11, kind === 'gauge' ? lastMs : startedMs);
                time(body, 0x19, unixMs);
                body.reserve(9);
                body.varint(0x21);
                body.buffer.writeDoubleLE(value, body.length);
                body.length += 8;
                body.bytes(attributes);
              });
            }
            if (kind === 'gauge') return;
            body.reserve(4);
            body.varint(0x10);
            body.varint(2);
            body.varint(0x18);
            body.varint(kind === 'counter' ? 1 : 0);
          });
        });
      }
      lastMs = unixMs;
      const otlp = encoded((out) =>
        message(out, 0x0a, () => {
          message(out, 0x0a, () => out.bytes(resource));
          message(out, 0x12, () => {
            message(out, 0x0a, () => out.bytes(scope));
            out.bytes(body.written());
          });
        }),
      );
      return { node, otlp, samples };
    },
  };
}

function encoded(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter(1024);
  write(out);
  return Buffer.from(out.written());
}

/** A length-delimited field. */
function message(out: ByteWriter, tag: number, write: () => void): void {
  out.reserve(8);
  out.varint(tag);
  const at = out.length;
  out.length += 2;
  write();
  out.closeLength(at, 2);
}

function attribute(out: ByteWriter, tag: number, key: string, value: string): void {
  message(out, tag, () => {
    out.varint(0x0a);
    out.text(key);
    message(out, 0x12, () => {
      out.varint(0x0a);
      out.text(value);
    });
  });
}

function time(out: ByteWriter, tag: number, unixMs: number): void {
  out.reserve(9);
  out.varint(tag);
  out.buffer.writeBigUInt64LE(BigInt(unixMs) * 1_000_000n, out.length);
  out.length += 8;
}
