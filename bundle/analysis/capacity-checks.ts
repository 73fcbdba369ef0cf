import { formatBytes } from '../report-format.ts';
import { hit, newestBy, spanOf } from './check-hit.ts';
import type { CheckInput } from './checks.ts';
import type { Hit } from './hits.ts';
import type { Series } from './series.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Of the samples that a series keeps, which are spread evenly over the window. */
const meanOf = ({ points }: Series): number => sum(points.map(([, value]) => value)) / Math.max(1, points.length);

/** Whether a site has room for what it must be able to bear. */
export const capacityChecks = {
  /** What runs must fit on the nodes that are left when the largest one fails. */
  'n-plus-one': ({ metric, number }: CheckInput): Hit[] => {
    const assigned = metric('assigned');
    const hosts = new Set(assigned.map(({ node }) => node));
    const memory = new Map<string, Series>();
    for (const series of metric('memory')) if (hosts.has(series.node)) memory.set(series.node, series);
    // One node has nobody to take over; and without every host's size there is no answer, only a guess.
    if (hosts.size < 2 || memory.size < hosts.size) return [];
    const usable = (bytes: number): number => bytes * (1 - number('reserve'));
    const sizes = [...memory.values()].map(({ last }) => last);
    const left = usable(sizes.reduce((sum, size) => sum + size, 0) - Math.max(...sizes));
    const newest = newestBy(assigned, 'azurelocal.vm.id', 'azurelocal.vm.name');
    const needed = newest.reduce((sum, { last }) => sum + last, 0);
    if (needed <= left) return [];
    const detail = `virtual machines hold ${formatBytes(needed)}; without its largest node the site has ${formatBytes(left)} for them`;
    return [
      hit({ node: '', ...spanOf(newest), value: Math.round((needed / left) * 100), limit: 100, unit: '%', detail }),
    ];
  },

  /** What runs must find processors on the nodes that are left when the largest one fails: by the mean of the window. */
  'n-plus-one-cpu': ({ metric, number }: CheckInput): Hit[] => {
    const processors = metric('processors');
    const byHost = Map.groupBy(processors, ({ node }) => node);
    if (byHost.size < 2) return [];
    const sizes = [...byHost.values()].map((own) => own.length);
    const left = (sum(sizes) - Math.max(...sizes)) * (1 - number('reserve'));
    const needed = sum(processors.map(meanOf));
    if (needed <= left) return [];
    const detail = `what runs takes ${needed.toFixed(1)} logical processors on average; without its largest node the site has ${left.toFixed(1)} for it`;
    return [
      hit({
        ...{ node: '', ...spanOf(processors), value: Math.round((needed / left) * 100), limit: 100, unit: '%', detail },
      }),
    ];
  },

  /** A pool must have room to repair itself: one capacity drive a server, up to a number of them. */
  'pool-reserve': ({ metric, number, texts }: CheckInput): Hit[] => {
    const [serverName = ''] = texts('server');
    const servers = new Set(metric('servers').map(({ attributes }) => attributes[serverName] ?? ''));
    const [usage = ''] = texts('usage');
    const drives = metric('drives').filter(({ attributes }) => texts('capacity').includes(attributes[usage] ?? ''));
    const [by = '', name = ''] = texts('pool');
    const allocated = newestBy(metric('allocated'), by);
    // Without every part there is no answer, only a guess.
    if (servers.size === 0 || drives.length === 0) return [];
    const largest = Math.max(...drives.map(({ last }) => last));
    const count = Math.min(servers.size, number('mostDrives'));
    const reserve = count * largest;
    return newestBy(metric('size'), by).flatMap((size): Hit[] => {
      const used = allocated.find(({ attributes }) => attributes[by] === size.attributes[by]);
      const free = size.last - (used?.last ?? size.last);
      if (!used || free >= reserve) return [];
      const detail = `${formatBytes(Math.max(0, free))} are free, and ${count} of its largest drives are ${formatBytes(reserve)}`;
      const subject = size.attributes[name] ?? '';
      return [
        hit({ node: size.node, subject, ...spanOf([used, size]), value: free, limit: reserve, unit: 'By', detail }),
      ];
    });
  },

  /** Space of one filesystem on those machines that another metric shows to be hosts. */
  'low-space-on-hosts': ({ metric, number, texts }: CheckInput): Hit[] => {
    const hosts = new Set(metric('host').map(({ node }) => node));
    const [stateName = '', state] = texts('state');
    const [mountName = '', mountpoint] = texts('mountpoint');
    return metric('free').flatMap((free): Hit[] => {
      const { node, attributes, last } = free;
      if (!hosts.has(node) || attributes[stateName] !== state || attributes[mountName] !== mountpoint) return [];
      if (last >= number('bytes')) return [];
      const detail = `${formatBytes(last)} free`;
      return [hit({ node, subject: mountpoint ?? '', ...spanOf([free]), value: last, unit: 'By', detail })];
    });
  },

  /** The mean time of a disk's operations over the window, by what kind of disk the inventory says that it is. */
  'disk-latency': ({ metric, number, inventories }: CheckInput): Hit[] =>
    metric('time').flatMap((time): Hit[] => {
      const { node, attributes } = time;
      const device = attributes['system.device'] ?? '';
      const direction = attributes['disk.io.direction'] ?? '';
      const operations = metric('operations').find(
        (one) =>
          one.node === node &&
          one.attributes['system.device'] === device &&
          one.attributes['disk.io.direction'] === direction,
      );
      // A handful of operations, as of a disk that was asleep, tells nothing.
      if (!operations || operations.increase < number('leastOperations')) return [];
      const meanMs = (time.increase / operations.increase) * 1000;
      const kind = diskKind(inventories.find((known) => known.node === node)?.facts.disks, device);
      const limit = number(kind === 'SSD' || kind === 'NVMe' ? 'solidMs' : 'rotatingMs');
      if (meanMs <= limit) return [];
      const detail = `${direction} ${Math.round(meanMs)} ms on average of ${operations.increase} operations; its kind is ${kind ?? 'not known'}`;
      const value = Number(meanMs.toPrecision(3));
      return [hit({ node, subject: `${device} ${direction}`, ...spanOf([time]), value, limit, unit: 'ms', detail })];
    }),
} satisfies Record<string, (input: CheckInput) => Hit[]>;

/** `HD`, `SSD` or `NVMe` as the inventory has it; a counter of Windows calls a disk `0 C: D:`, the inventory `\\.\PHYSICALDRIVE0`. */
function diskKind(disks: unknown, device: string): string | undefined {
  if (!Array.isArray(disks)) return undefined;
  const number = /^\d+/.exec(device)?.[0];
  const names = [`/dev/${device.toLowerCase()}`, ...(number === undefined ? [] : [`\\\\.\\physicaldrive${number}`])];
  for (const disk of disks as unknown[]) {
    if (disk === null || typeof disk !== 'object') continue;
    const { device: called, type } = disk as Record<string, unknown>;
    if (typeof called === 'string' && typeof type === 'string' && names.includes(called.toLowerCase())) return type;
  }
  return undefined;
}
