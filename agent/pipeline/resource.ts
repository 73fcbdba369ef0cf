import { readFileSync } from 'node:fs';
import { hostname, release, type, version } from 'node:os';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';

/** What every record and sample of this node says about where it comes from. Small: each row stores it. */
export function createResource(options: {
  serviceVersion: string;
  instanceId: string;
  /** As host-id.ts finds it. */
  hostId?: string | undefined;
}): Resource {
  const { hostId } = options;
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
