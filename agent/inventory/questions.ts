import { readFileSync } from 'node:fs';
import { arch, hostname, release, uptime, version } from 'node:os';
import library from 'systeminformation';

/** Slow facts by name. Asked one after the other: each question starts programs of its own. */
export const questions: Readonly<Record<string, () => Promise<unknown>>> = {
  system: () => library.system(),
  bios: () => library.bios(),
  baseboard: () => library.baseboard(),
  chassis: () => library.chassis(),
  // Not the library's osInfo: it runs `hostname -f`, which asks the name servers.
  os: async () => ({
    ...osRelease(),
    kernel: release(),
    kernelVersion: version(),
    architecture: arch(),
    hostName: hostname(),
    bootedAt: new Date(Date.now() - uptime() * 1000).toISOString(),
  }),
  cpu: () => library.cpu(),
  memory: async () => ({ totalBytes: (await library.mem()).total, modules: await library.memLayout() }),
  disks: () => library.diskLayout(),
  blockDevices: () => library.blockDevices(),
  networkInterfaces: async () => [await library.networkInterfaces()].flat(),
  graphics: async () => (await library.graphics()).controllers,
};

/** `NAME="Debian GNU/Linux"` and its like; empty where there is no os-release. */
function osRelease(): Record<string, string> {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    const fields = Object.fromEntries(
      [...text.matchAll(/^([A-Z_]+)=["']?(.*?)["']?$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    return {
      name: fields.PRETTY_NAME ?? fields.NAME ?? '',
      id: fields.ID ?? '',
      version: fields.VERSION_ID ?? '',
    };
  } catch {
    return {};
  }
}

/** Leaves out what says nothing: empty texts, nulls, empty objects. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain).filter((item) => item !== undefined);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .map(([key, item]) => [key, plain(item)] as const)
      .filter(([, item]) => item !== undefined);
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  if (value === '' || value === null || value === '-' || typeof value === 'function') return undefined;
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value;
}
