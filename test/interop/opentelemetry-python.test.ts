import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OtlpSite, startOtlpSite } from './otlp-site.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'otlp-from-python.py');
// Python’s `requests` believes these before the certificate that the exporter is given.
const { REQUESTS_CA_BUNDLE: _requests, CURL_CA_BUNDLE: _curl, ...env } = process.env;
const packages = ['opentelemetry-sdk', 'opentelemetry-exporter-otlp'];

/** Another language's exporter is brought from its registry, which no everyday run should need. */
const asked = process.env.SEXTANT_INTEROP === '1';
const hasPython = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;
if (!asked) console.warn('SKIPPED: OpenTelemetry for Python; set SEXTANT_INTEROP=1 to fetch it from PyPI and run it');
else if (!hasPython) console.warn('SKIPPED: OpenTelemetry for Python; this machine has no python3 with venv and pip');

describe.skipIf(!asked || !hasPython)('OpenTelemetry for Python', () => {
  let site: OtlpSite;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-python-'));
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]);
    site = await startOtlpSite();
  }, 300_000);
  afterAll(async () => {
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['http', 'grpc'] as const)(
    'over %s: every field is what was sent',
    async (protocol) => {
      const token = await site.createToken(`python-${protocol}`);
      const endpoint = `https://localhost:${site.ports[protocol]}`;
      const sent = await run(join(folder, 'bin', 'python'), [script, protocol, endpoint, site.caFile, token], {
        env,
      });
      // The exporters say there what they could not send.
      expect(sent.stderr).not.toMatch(/Failed to export|Exception/);
      const from = `Node = 'otlp:python-${protocol}' AND ServiceName = 'python'`;
      expect(
        await site.rows(
          `SELECT Body, SeverityText, SeverityNumber, ScopeName, LogAttributes['volume'] AS Volume,
           LogAttributes['attempt'] AS Attempt, ResourceAttributes['service.instance.id'] AS Instance
         FROM otel_logs WHERE ${from}`,
        ),
      ).toEqual([
        {
          Body: 'grüße €',
          SeverityText: 'WARN',
          SeverityNumber: 13,
          ScopeName: 'interop.python',
          Volume: 'csv1',
          Attempt: '3',
          Instance: '7',
        },
      ]);
      expect(
        await site.rows(
          `SELECT MetricName, MetricUnit, Value, Attributes, IsMonotonic FROM otel_metrics_sum
         WHERE ${from} AND MetricName = 'python.calls'`,
        ),
      ).toEqual([
        { MetricName: 'python.calls', MetricUnit: '{call}', Value: 5, Attributes: { route: '/b' }, IsMonotonic: true },
      ]);
      expect(
        await site.rows(
          `SELECT Count, Sum, Min, Max, arraySum(BucketCounts) AS Counted FROM otel_metrics_histogram
         WHERE ${from} AND MetricName = 'python.duration'`,
        ),
      ).toEqual([{ Count: 1, Sum: 0.25, Min: 0.25, Max: 0.25, Counted: 1 }]);
      expect(
        await site.rows(
          `SELECT SpanName, SpanKind, SpanAttributes, Events.Name AS EventNames, Events.Attributes AS EventAttributes
         FROM otel_traces WHERE ${from}`,
        ),
      ).toEqual([
        {
          SpanName: 'work',
          SpanKind: 'Client',
          SpanAttributes: { retries: '2' },
          EventNames: ['started'],
          EventAttributes: [{ step: 'one' }],
        },
      ]);
    },
    120_000,
  );
});
