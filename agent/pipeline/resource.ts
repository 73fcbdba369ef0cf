import { readFileSync } from 'node:fs';
import { hostname, release, type, version } from 'node:os';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';

/** What every record and sample of this node says about where it comes from. Small: each row stores it. */
export function createResource(options: { serviceVersion: string; instanceId: string }): Resource {
  const hostId = machineId();
  return resourceFromAttributes({
    'service.name': 'sextant-agent',
    'service.version': options.serviceVersion,
    'service.instance.id': options.instanceId,
    'host.name': hostname(),
    ...(hostId && { 'host.id': hostId }),
    'os.type': process.platform === 'win32' ? 'windows' : process.platform,
    'os.description': osDescription(),
  });
}

/** The systemd machine id, the id that survives a change of host name; undefined where there is none. */
function machineId(): string | undefined {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** `Debian GNU/Linux 13 (trixie)`; the kernel's own words where there is no os-release. */
export function osDescription(): string {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    if (name) return name;
  } catch {
    // Windows and old systems have none.
  }
  return process.platform === 'win32' ? version() : `${type()} ${release()}`;
}
