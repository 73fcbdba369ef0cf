import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { expect, vi } from 'vitest';
import { enroll } from '../../agent/identity/enroll.ts';
import type { LogRow } from '../../collector/api/shapes/logs.ts';
import { startCollector } from '../../collector/main.ts';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../config/settings.ts';
import { patient } from '../patience.ts';
import { listenForPorts } from './told-ports.ts';

/** A real collector that takes syslog on all its ports, and asks itself over the API. */
export async function startSyslogSite(overrides: Partial<Settings> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'sextant-syslog-'));
  const { log, ports } = listenForPorts(['tls', 'tcp', 'udp']);
  const settings = loadSettings({
    dataDir,
    overrides: {
      'collector.port': 0,
      'collector.storage.minFreeBytes': 0,
      'collector.journal.closeAfter': 100,
      'collector.metrics.interval': 1000,
      'collector.syslog.tls.enabled': true,
      'collector.syslog.tls.port': 0,
      'collector.syslog.tcp.enabled': true,
      'collector.syslog.tcp.port': 0,
      'collector.syslog.udp.enabled': true,
      'collector.syslog.udp.port': 0,
      ...overrides,
    },
  });
  const workingFolder = process.cwd();
  const collector = await startCollector({ dataDir, settings, log });
  const endpoint = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
  const dispatcher = new Agent({ connect: { ca: readFileSync(endpoint.caFile) } });

  const ask = (path: string, options: { accept?: string; body?: object } = {}) =>
    request(`${endpoint.url}/api/v1/${path}`, {
      dispatcher,
      method: options.body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${endpoint.token}`,
        ...(options.accept && { accept: options.accept }),
        ...(options.body && { 'content-type': 'application/json' }),
      },
      ...(options.body && { body: JSON.stringify(options.body) }),
    });
  const api = async (path: string, body?: object) => {
    const answer = await ask(path, body && { body });
    // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
    return (await answer.body.json()) as any;
  };

  return {
    dataDir,
    ports,
    authorityFile: endpoint.caFile as string,
    api,
    /** The records that a query finds, once there are as many as expected; oldest first. */
    async logs(parameters: Record<string, string>, records = 1): Promise<LogRow[]> {
      const asked = { since: '1d', ...parameters };
      // To count them while they come leaves more of the processor to those that are on their way.
      await vi.waitFor(
        async () => {
          const { buckets } = await api(`logs/histogram?${new URLSearchParams({ ...asked, buckets: '1' })}`);
          const counts = buckets.flatMap((bucket: { counts: object }) => Object.values(bucket.counts));
          const found = counts.reduce((sum: number, count: number) => sum + count, 0);
          expect(found).toBeGreaterThanOrEqual(records);
        },
        { ...patient, interval: 100 },
      );
      const search = new URLSearchParams({ limit: '100000', ...asked });
      const answer = await ask(`logs?${search}`, { accept: 'application/x-ndjson' });
      const lines = (await answer.body.text()).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line));
    },
    /** Enrols a node; its key and certificate lie in the folder that is returned. */
    async enrollNode(node: string): Promise<string> {
      const { token } = await api('tokens', { kind: 'enroll' });
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
