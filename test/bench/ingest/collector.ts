import { startCollector } from '../../../collector/main.ts';
import { loadSettings } from '../../../config/load.ts';
import { createLog } from '../../../logging/log.ts';

/** The real collector; answers `usage` with what it has used, and stops when told to. */
const dataDir = process.argv[2] ?? '';
const settings = loadSettings({ dataDir, overrides: { 'collector.port': 0 } });
const collector = await startCollector({ dataDir, settings, log: createLog('collector', 'error') });
process.send?.({ url: collector.url });
process.on('message', async (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuSeconds: (user + system) / 1e6, peakResidentBytes: process.resourceUsage().maxRSS * 1024 });
  }
  if (message === 'stop') {
    await collector.close();
    process.exit(0);
  }
});
