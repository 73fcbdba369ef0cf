import type { TestLine, TestSamples } from './dashboard-node.ts';

const GiB = 1024 ** 3;
const MiB = 1024 ** 2;
const intervalMs = 10_000;

/** A small generator of its own, so that every run draws the same pictures (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Samples of a node over a time: load that wanders, one burst of work, a disk that is `full` parts full. */
export function historyOf(options: {
  fromMs: number;
  untilMs: number;
  seed: number;
  load: number;
  full: number;
}): TestSamples[] {
  const next = random(options.seed);
  const times: number[] = [];
  for (let unixMs = options.fromMs; unixMs <= options.untilMs; unixMs += intervalMs) times.push(unixMs);
  const series = new Map<string, TestSamples>();
  const put = (
    name: string,
    unit: string,
    kind: TestSamples['kind'],
    attributes: Record<string, string>,
    unixMs: number,
    value: number,
  ): void => {
    const key = `${name} ${JSON.stringify(attributes)}`;
    const present = series.get(key) ?? { name, unit, kind, attributes, points: [] };
    series.set(key, present);
    present.points.push({ unixMs, value });
  };
  const sums = { read: 40 * GiB, write: 90 * GiB, receive: 12 * GiB, transmit: 7 * GiB };
  let wander = options.load;
  times.forEach((unixMs, index) => {
    const part = index / times.length;
    const burst = part > 0.58 && part < 0.7 ? 0.34 : 0;
    wander += (options.load - wander) * 0.1 + (next() - 0.5) * 0.08;
    const busy = Math.min(0.97, Math.max(0.02, wander + burst + (next() - 0.5) * 0.03));
    const modes = { user: busy * 0.62, system: busy * 0.28, iowait: busy * 0.1, idle: 1 - busy };
    for (const [mode, value] of Object.entries(modes))
      put('system.cpu.utilization', '1', 'gauge', { 'cpu.mode': mode }, unixMs, value);

    const used = 0.38 + options.load * 0.5 + part * 0.04 + burst * 0.12 + (next() - 0.5) * 0.004;
    for (const [state, value] of Object.entries({ used, cached: 0.86 - used, free: 0.14 })) {
      put('system.memory.utilization', '1', 'gauge', { 'system.memory.state': state }, unixMs, value);
      put('system.memory.usage', 'By', 'gauge', { 'system.memory.state': state }, unixMs, value * 256 * GiB);
    }
    const weight = options.load * 3 * MiB * 10;
    sums.read += (4 + next() * 6 + burst * 140) * weight;
    sums.write += (9 + next() * 8 + burst * 220) * weight;
    sums.receive += (2 + next() * 3 + burst * 60) * weight;
    sums.transmit += (1 + next() * 2 + burst * 18) * weight;
    for (const direction of ['read', 'write'] as const)
      put(
        'system.disk.io',
        'By',
        'counter',
        { 'system.device': 'nvme0n1', 'disk.io.direction': direction },
        unixMs,
        Math.round(sums[direction]),
      );
    for (const direction of ['receive', 'transmit'] as const)
      put(
        'system.network.io',
        'By',
        'counter',
        { 'network.interface.name': 'eth0', 'network.io.direction': direction },
        unixMs,
        Math.round(sums[direction]),
      );
    for (const [mountpoint, value] of [
      ['/', 0.41],
      ['/var/lib/storage', options.full],
    ] as const) {
      put('system.filesystem.utilization', '1', 'gauge', { 'system.filesystem.mountpoint': mountpoint }, unixMs, value);
      for (const [state, part] of [
        ['used', value],
        ['free', 1 - value],
      ] as const) {
        put(
          'system.filesystem.usage',
          'By',
          'gauge',
          { 'system.filesystem.mountpoint': mountpoint, 'system.filesystem.state': state },
          unixMs,
          part * 900 * GiB,
        );
      }
    }
  });
  return [...series.values()];
}

const ordinary: [TestLine['severity'], string, string][] = [
  ['INFO', 'sshd', 'Accepted publickey for operator from 10.20.0.14 port 51822 ssh2: ED25519'],
  ['INFO', 'systemd', 'Started logrotate.service - Rotate log files.'],
  ['INFO', 'kube-apiserver', 'GET "/api/v1/nodes?limit=500&resourceVersion=0" 200 12.4ms'],
  ['DEBUG', 'arc-agent', 'heartbeat sent to control plane, round trip 3 ms'],
  ['INFO', 'dhcpd', 'DHCPACK on 10.20.4.77 to 52:54:00:6b:3c:58 via vlan204'],
  ['INFO', 'arc-agent', '{"event":"reconcile","resource":"vm/build-07","durationMs":182,"changed":false}'],
  ['WARN', 'chronyd', 'Selected source 10.20.0.2 changed, offset +0.000412 s'],
];
const trouble: [TestLine['severity'], string, string][] = [
  ['ERROR', 'storage', 'write to /var/lib/storage/volumes/db-03 failed: no space left on device'],
  ['WARN', 'storage', 'pool fast: 92 % used, new volumes are thin only'],
  ['ERROR', 'kube-apiserver', 'etcd request took too long: 2.314 s, expected less than 0.1 s'],
  ['FATAL', 'vmm', 'vm/build-07 stopped: disk image became read-only'],
];

/** Lines of a node, with a troubled stretch in the middle. */
export function linesOf(options: {
  fromMs: number;
  untilMs: number;
  seed: number;
  perMinute: number;
}): Record<string, TestLine[]> {
  const next = random(options.seed);
  const byService: Record<string, TestLine[]> = {};
  const span = options.untilMs - options.fromMs;
  const count = Math.round((span / 60_000) * options.perMinute);
  for (let index = 0; index < count; index += 1) {
    const part = (index + next()) / count;
    const kinds = part > 0.58 && part < 0.7 && next() < 0.4 ? trouble : ordinary;
    const [severity, service, body] = kinds[Math.floor(next() * kinds.length)] ?? ['INFO', 'test', ''];
    byService[service] ??= [];
    byService[service].push({
      unixMs: Math.round(options.fromMs + part * span),
      severity,
      body,
      attributes: {
        'log.file.path': `/var/log/${service}.log`,
        'log.record.uid': `${options.seed}-${index}`,
        'process.pid': String(800 + (index % 7)),
      },
    });
  }
  return byService;
}
