import type { Command } from 'commander';
import { notifySocket } from '../config/environment.ts';
import { registerQuarantine } from './collector-quarantine.ts';
import { registerStorage } from './collector-storage.ts';
import { endWithoutLibraries } from './end-without-libraries.ts';
import { configOption, dataDirOption, otlpLoopbackOption, portOption, supervisedOption } from './options.ts';

interface RunOptions {
  dataDir: string;
  config?: string;
  port?: number;
  otlpLoopback: boolean;
  supervised: boolean;
}

export function registerCollector(program: Command): void {
  const collector = program.command('collector').description('the collector alone');
  collector
    .command('run')
    .description('run the collector until it is stopped')
    .addOption(dataDirOption())
    .addOption(portOption())
    .addOption(configOption())
    .addOption(otlpLoopbackOption())
    .addOption(supervisedOption())
    .addHelpText(
      'after',
      '\nExamples:\n  sextant collector run\n  sextant collector run --data-dir /srv/sextant --config /etc/sextant/collector.yaml',
    )
    .action(run);
  registerQuarantine(collector);
  registerStorage(collector);
}

const otlpLoopback = {
  'collector.otlp.listen': '127.0.0.1',
  'collector.otlp.plain': true,
  'collector.otlp.http.enabled': true,
  'collector.otlp.grpc.enabled': true,
} as const;

async function run(options: RunOptions): Promise<void> {
  const { loadSettings } = await import('../config/load.ts');
  const { createLog } = await import('../logging/log.ts');
  const { runService } = await import('./service.ts');
  const settings = loadSettings({
    dataDir: options.dataDir,
    ...(options.config === undefined ? {} : { configFile: options.config }),
    overrides: {
      ...(options.port === undefined ? {} : { 'collector.port': options.port }),
      ...(options.otlpLoopback ? otlpLoopback : {}),
    },
  });
  const log = createLog('collector', settings['log.level']);
  // `sextant` and `sextant up` start it with a channel; systemd's unit takes this end for a good one.
  const startedByUs = process.connected || notifySocket() !== undefined;
  let started = false;
  try {
    await runService(
      async (stopped) => {
        const { startCollector } = await import('../collector/main.ts');
        const { startWhenThereIsSpace } = await import('../collector/patient-start.ts');
        const start = () => startCollector({ dataDir: options.dataDir, settings, log });
        const collector = await startWhenThereIsSpace(start, { log, stopped });
        started = true;
        return { ready: { url: collector.url }, status: `Answers at ${collector.url}`, close: () => collector.close() };
      },
      { supervised: options.supervised },
    );
  } catch (error) {
    if (!started) throw error;
    log.error({ err: error }, 'the collector did not stop cleanly');
    process.exitCode = 1;
  }
  // All that can be closed is closed. The storage engine's exit handlers have been seen to wait for minutes or for ever
  // (chDB 3.4, libchdb at exit: a mutex). Whoever started this process is told how it ended, and it ends at once.
  if (!startedByUs) return endWithoutLibraries();
  const end = (): void => void process.kill(process.pid, 'SIGKILL');
  if (process.connected) process.send?.({ type: 'ended', code: process.exitCode ?? 0 }, end);
  else end();
}
