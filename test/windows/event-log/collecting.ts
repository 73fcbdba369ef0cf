import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogRecord } from '@opentelemetry/api-logs';
import type { Profile } from '../../../agent/profile/profile.ts';
import type { SourceHealth } from '../../../protocol/control.ts';
import type { Sample } from '../../unit/agent/sources/source-context.ts';
import { buildStandIn } from '../wevtapi/build.ts';
import { createEventFiles } from '../wevtapi/event-files.ts';
import { buildForWine } from '../windows-program.ts';
import { createWine, type WineProcess } from '../wine.ts';

export interface CollectOptions {
  output: string;
  stop: string;
  eventLog: Profile['eventLog'];
}

/** A Wine whose event log is the stand-in, and the program that collects from it. */
export async function createEventLogMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-evt-'));
  const wine = await createWine();
  wine.replaceSystemDll('wevtapi.dll', buildStandIn());
  const { collect } = await buildForWine(
    {
      collect: 'test/windows/event-log/collect-events.ts',
      'event-log-thread': 'agent/sources/event-log/event-log-thread.ts',
    },
    join(folder, 'program'),
  );
  let sites = 0;

  return {
    wine,
    folder,
    /** Event files of their own and a collecting program that can be started and killed. */
    createSite() {
      const place = join(folder, `site-${++sites}`);
      mkdirSync(place);
      const files = createEventFiles(join(place, 'events'));
      const output = join(place, 'output.ndjson');
      let running: WineProcess | undefined;
      const frames = (): { records: LogRecord[] }[] => {
        const text = existsSync(output) ? readFileSync(output, 'utf8') : '';
        return text
          .slice(0, text.lastIndexOf('\n') + 1)
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line));
      };
      return {
        files,
        records: (): LogRecord[] => frames().flatMap(({ records }) => records),
        start(channels: Profile['eventLog']['channels'], { readExisting = 10 * 365 * 86_400_000 } = {}): void {
          const options: CollectOptions = {
            output: wine.windowsPath(output),
            stop: wine.windowsPath(join(place, 'stop')),
            eventLog: { enabled: true, priority: 'normal', readExisting, channels },
          };
          rmSync(join(place, 'stop'), { force: true });
          writeFileSync(join(place, 'options.json'), JSON.stringify(options));
          running = wine.startNode([collect, join(place, 'options.json')], {
            env: { SEXTANT_STANDIN_EVENTS: wine.windowsPath(files.folder) },
            timeoutMs: 120_000,
          });
        },
        async stop(): Promise<void> {
          writeFileSync(join(place, 'stop'), '');
          const ended = await running?.ended;
          if (ended && ended.code !== 0) throw new Error(`the program ended with ${ended.code}: ${ended.stderr}`);
        },
        async kill(): Promise<void> {
          running?.child.kill('SIGKILL');
          await running?.ended;
        },
        /** What the program said last of itself. */
        state: (): { health: SourceHealth; metrics: Sample[] } => JSON.parse(readFileSync(`${output}.health`, 'utf8')),
      };
    },
    async close(): Promise<void> {
      await wine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type EventLogMachine = Awaited<ReturnType<typeof createEventLogMachine>>;
