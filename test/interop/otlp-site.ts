import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { expect, vi } from 'vitest';
import { enroll } from '../../agent/identity/enroll.ts';
import { startCollector } from '../../collector/main.ts';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../config/settings.ts';
import { listenForPorts } from './told-ports.ts';

/** A real collector that takes OTLP on ports of its own, and is asked in SQL what it stored. */
export async function startOtlpSite(overrides: Partial<Settings> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'sextant-otlp-'));
  const { log, ports } = listenForPorts(['http', 'grpc']);
  const settings = loadSettings({
    dataDir,
    overrides: {
      'collector.port': 0,
      'collector.storage.minFreeBytes': 0,
      'collector.journal.closeAfter': 100,
      'collector.otlp.http.enabled': true,
      'collector.otlp.http.port': 0,
      'collector.otlp.grpc.enabled': true,
      'collector.otlp.grpc.port': 0,
      ...overrides,
    },
  });
  const workingFolder = process.cwd();
  const collector = await startCollector({ dataDir, settings, log });
  const endpoint = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
  const ca = readFileSync(endpoint.caFile);
  const dispatcher = new Agent({ connect: { ca } });

  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  async function api(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<any> {
    const answer = await request(`${endpoint.url}/api/v1/${path}`, {
      dispatcher,
      method,
      headers: {
        authorization: `Bearer ${endpoint.token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    dataDir,
    ports,
    url: endpoint.url as string,
    ca,
    caFile: endpoint.caFile as string,
    dispatcher,
    api,
    createToken: async (name: string, rest: object = {}): Promise<string> =>
      (await api('POST', 'tokens', { kind: 'ingest', name, ...rest })).token,
    /** The rows of a query, once there are as many as expected. */
    // biome-ignore lint/suspicious/noExplicitAny: rows are what the columns are
    async rows(sql: string, count = 1): Promise<any[]> {
      // biome-ignore lint/suspicious/noExplicitAny: see above
      let rows: any[] = [];
      await vi.waitFor(
        async () => {
          const answer = await api('POST', 'sql', { sql });
          rows = answer.rows ?? [answer];
          expect(rows.length, JSON.stringify(answer)).toBeGreaterThanOrEqual(count);
        },
        { timeout: 60_000, interval: 100 },
      );
      return rows;
    },
    /** Enrols a node; returns the folder of its key and certificate. */
    async enrollNode(node: string): Promise<string> {
      const { token } = await api('POST', 'tokens', { kind: 'enroll' });
      await enroll({ dataDir, collectorUrl: endpoint.url, token, node });
      return join(dataDir, 'agent', 'identity');
    },
    async close() {
      await dispatcher.close();
      await collector.close();
      process.chdir(workingFolder);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type OtlpSite = Awaited<ReturnType<typeof startOtlpSite>>;
