import type { Random } from './random.ts';

/** One series of a node, and how its value goes from one sample to the next. */
export interface Series {
  metric: string;
  unit: string;
  kind: 'gauge' | 'updown' | 'counter';
  attributes: Record<string, string>;
  next(): number;
}

/**
 * The series that an agent reports of one machine: what the catalogue of host metrics has, its sensors, and virtual
 * machines. Values have the resolution of their sources: ticks of 10 ms, pages, whole bytes, tenths of a degree.
 */
export function seriesOfNode(random: Random): Series[] {
  const all: Series[] = [];
  const add = (
    kind: Series['kind'],
    metric: string,
    unit: string,
    attributes: Series['attributes'],
    next: () => number,
  ) => all.push({ metric, unit, kind, attributes, next });
  const constant = (value: number) => () => value;
  /**
   * Grows in whole units, some samples not at all. Devices differ: the level of a series lies between a hundredth of the
   * busiest one's and that one's, as many near the one end as near the other, and its samples scatter around it.
   */
  const counter = (busiest: number, share = 1, unit = 1) => {
    const level = busiest * 10 ** (-2 * random.unit());
    let value = Math.round(level * 1000 * random.unit());
    return () => {
      const scatter = Math.exp((random.unit() + random.unit() + random.unit() - 1.5) * 1.2);
      if (random.unit() < share) value += Math.round(level * scatter);
      return Math.round(value * unit * 1e6) / 1e6;
    };
  };
  /** Wanders within bounds in steps of a resolution. */
  const wander = (low: number, high: number, resolution: number, share = 1) => {
    let value = low + random.unit() * (high - low);
    return () => {
      if (random.unit() < share) value += (random.unit() - 0.5) * (high - low) * 0.04;
      value = Math.min(high, Math.max(low, value));
      return Math.round(Math.round(value / resolution) * resolution * 1e6) / 1e6;
    };
  };
  const ratioOf = (next: () => number, limit: number) => () => next() / limit;

  const cores = 32;
  for (const mode of ['user', 'system', 'idle', 'nice', 'iowait', 'interrupt', 'steal']) {
    const busy =
      mode === 'idle' ? 30_000 : mode === 'user' ? 2500 : mode === 'system' ? 900 : mode === 'iowait' ? 120 : 4;
    const ticks = counter(busy, mode === 'nice' || mode === 'steal' ? 0.02 : 1);
    let before = 0;
    let now = ticks();
    add('counter', 'system.cpu.time', 's', { 'cpu.mode': mode }, () => {
      before = now;
      now = ticks();
      return now / 100;
    });
    add('gauge', 'system.cpu.utilization', '1', { 'cpu.mode': mode }, () => (now - before) / (cores * 1000));
  }
  add('gauge', 'system.cpu.frequency', 'Hz', {}, wander(2.1e9, 3.4e9, 1000));
  add('updown', 'system.cpu.logical.count', '{cpu}', {}, constant(cores));
  add('updown', 'system.cpu.physical.count', '{cpu}', {}, constant(cores / 2));
  let uptime = random.below(1e7);
  add('gauge', 'system.uptime', 's', {}, () => (uptime += 10));

  const memory = 549_755_813_888;
  for (const state of ['used', 'free', 'cached', 'buffers', 'slab']) {
    let value = 0;
    const next = wander(memory * 0.05, memory * 0.4, 4096, state === 'buffers' ? 0.3 : 1);
    add('updown', 'system.memory.usage', 'By', { 'system.memory.state': state }, () => (value = next()));
    add('gauge', 'system.memory.utilization', '1', { 'system.memory.state': state }, () => value / memory);
  }
  add('updown', 'system.memory.limit', 'By', {}, constant(memory));
  for (const state of ['used', 'free']) {
    const next = wander(1e9, 4e9, 4096, 0.01);
    add('updown', 'system.paging.usage', 'By', { 'system.device': 'pagefile', 'system.paging.state': state }, next);
    add(
      'gauge',
      'system.paging.utilization',
      '1',
      { 'system.device': 'pagefile', 'system.paging.state': state },
      ratioOf(next, 68_719_476_736),
    );
  }
  for (const type of ['major', 'minor'])
    add(
      'counter',
      'system.paging.faults',
      '{fault}',
      { 'system.paging.fault.type': type },
      counter(type === 'major' ? 4 : 90_000),
    );

  for (const device of ['nvme0n1', 'nvme1n1', 'nvme2n1', 'nvme3n1', 'sda', 'sdb']) {
    const share = device.startsWith('nvme') ? 1 : 0.2;
    for (const direction of ['read', 'write']) {
      const of = { 'system.device': device, 'disk.io.direction': direction };
      add('counter', 'system.disk.io', 'By', of, counter(600_000, share, 512));
      add('counter', 'system.disk.operations', '{operation}', of, counter(8000, share));
      add('counter', 'system.disk.operation_time', 's', of, counter(9000, share, 0.001));
      add('counter', 'system.disk.merged', '{operation}', of, counter(60, share * 0.5));
    }
    add('counter', 'system.disk.io_time', 's', { 'system.device': device }, counter(8000, share, 0.001));
    add('updown', 'system.disk.limit', 'By', { 'system.device': device }, constant(3_840_755_982_336));
  }
  for (const [device, mountpoint, busy] of [
    ['C:', 'C:\\', 0.6],
    ['Infrastructure_1', 'C:\\ClusterStorage\\Infrastructure_1', 0.1],
    ['UserStorage_1', 'C:\\ClusterStorage\\UserStorage_1', 0.9],
    ['UserStorage_2', 'C:\\ClusterStorage\\UserStorage_2', 0.9],
  ] as const) {
    const of = {
      'system.device': device,
      'system.filesystem.mountpoint': mountpoint,
      'system.filesystem.type': 'CSVFS',
      'system.filesystem.mode': 'rw',
    };
    const limit = 10_995_116_277_760;
    let used = 0;
    const next = wander(limit * 0.3, limit * 0.7, 4096, busy);
    add('updown', 'system.filesystem.usage', 'By', { ...of, 'system.filesystem.state': 'used' }, () => (used = next()));
    add('updown', 'system.filesystem.usage', 'By', { ...of, 'system.filesystem.state': 'free' }, () => limit - used);
    add(
      'gauge',
      'system.filesystem.utilization',
      '1',
      { ...of, 'system.filesystem.state': 'used' },
      () => used / limit,
    );
    add('updown', 'system.filesystem.limit', 'By', of, constant(limit));
  }
  for (const name of ['Ethernet', 'Ethernet 2', 'vSMB(compute)', 'vManagement']) {
    for (const direction of ['receive', 'transmit']) {
      const of = { 'network.interface.name': name, 'network.io.direction': direction };
      add('counter', 'system.network.io', 'By', of, counter(90_000_000));
      add('counter', 'system.network.packet.count', '{packet}', of, counter(90_000));
      add('counter', 'system.network.packet.dropped', '{packet}', of, counter(3, 0.01));
      add('counter', 'system.network.errors', '{error}', of, counter(2, 0.002));
    }
  }
  for (const state of ['established', 'listen', 'time_wait', 'close_wait', 'syn_sent'])
    add(
      'updown',
      'system.network.connection.count',
      '{connection}',
      { 'network.connection.state': state },
      wander(2, 400, 1, 0.5),
    );
  for (const state of ['running', 'sleeping', 'stopped'])
    add('updown', 'system.process.count', '{process}', { 'process.state': state }, wander(1, 500, 1, 0.4));

  for (let sensor = 0; sensor < 24; sensor++) {
    const of = {
      'hw.id': `sensor-${sensor}`,
      'hw.type': 'temperature',
      'hw.name': `CPU${sensor % 2} DIMM ${sensor >> 1}`,
    };
    add('gauge', 'hw.temperature', 'Cel', of, wander(24, 71, sensor % 3 === 0 ? 0.1 : 1, 0.3));
    add('gauge', 'hw.temperature.limit', 'Cel', { ...of, 'hw.limit_type': 'high.critical' }, constant(95));
  }
  for (let fan = 0; fan < 8; fan++)
    add(
      'gauge',
      'hw.fan.speed',
      'rpm',
      { 'hw.id': `fan-${fan}`, 'hw.type': 'fan', 'hw.name': `Fan ${fan}` },
      wander(6000, 14_000, 60, 0.5),
    );
  for (const supply of ['PSU1', 'PSU2']) {
    const of = { 'hw.id': supply, 'hw.type': 'power_supply', 'hw.name': supply };
    add('gauge', 'hw.power', 'W', of, wander(180, 420, 1, 0.9));
    add('gauge', 'hw.voltage', 'V', of, wander(228, 234, 0.25, 0.3));
    for (const state of ['ok', 'degraded', 'failed'])
      add('updown', 'hw.status', '1', { ...of, 'hw.state': state }, constant(state === 'ok' ? 1 : 0));
  }
  for (let vm = 0; vm < 10; vm++) {
    const of = {
      'azurelocal.vm.name': `vm-${random.below(120)}-${vm}`,
      'azurelocal.vm.id': `${random.hex(8)}-4a1b-4c2d-9e3f-${random.hex(12)}`,
    };
    add('gauge', 'azurelocal.vm.cpu.utilization', '1', of, wander(0, 1, 0.0001));
    add('updown', 'azurelocal.vm.memory.assigned', 'By', of, constant(17_179_869_184));
    add('updown', 'azurelocal.vm.memory.demand', 'By', of, wander(4e9, 17e9, 1_048_576, 0.6));
    for (const direction of ['read', 'write'])
      add(
        'counter',
        'azurelocal.vm.disk.io',
        'By',
        { ...of, 'disk.io.direction': direction },
        counter(40_000, 0.9, 512),
      );
    for (const direction of ['receive', 'transmit'])
      add(
        'counter',
        'azurelocal.vm.network.io',
        'By',
        { ...of, 'network.io.direction': direction },
        counter(3_000_000, 0.9),
      );
  }
  return all;
}
