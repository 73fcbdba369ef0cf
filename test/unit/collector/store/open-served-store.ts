import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStore } from '../../../../collector/store/clickhouse-store.ts';
import type { SettingName } from '../../../../config/settings.ts';
import { createLog } from '../../../../logging/log.ts';
import { startFront } from '../../../clickhouse-front/front.ts';
import { settingsWith } from '../journal/settings.ts';
import { fileWriter, testDayMs } from './open-store.ts';

type FrontOptions = Parameters<typeof startFront>[1];

/** A store that reaches its engine over HTTP, through the front. */
export async function openServedStore(front: FrontOptions = {}, settings: Partial<Record<SettingName, unknown>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-served-'));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'secret\n', { mode: 0o600 });
  const served = await startFront(join(folder, 'engine'), { user: 'sextant', password: 'secret', ...front });
  const store = createStore({
    folder: join(folder, 'not-used'),
    log: createLog('test', 'silent'),
    nowMs: () => testDayMs,
    settings: settingsWith({
      'storage.url': served.url,
      'storage.database': 'default',
      'storage.passwordFile': passwordFile,
      ...settings,
    }),
  });
  const close = async (): Promise<void> => {
    await store.close();
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await store.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { store, front: served, folder, writeFile: fileWriter(folder), close };
}
