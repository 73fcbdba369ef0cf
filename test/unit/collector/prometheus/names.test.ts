import { expect, test } from 'vitest';
import {
  familyName,
  labelName,
  labelsOfStored,
  type StoredKind,
  seriesNames,
} from '../../../../collector/prometheus/read/names.ts';

test.each([
  ['system.cpu.time', 's', 'sum', true, 'system_cpu_time_seconds_total'],
  ['system.memory.usage', 'By', 'sum', false, 'system_memory_usage_bytes'],
  ['system.cpu.utilization', '1', 'gauge', false, 'system_cpu_utilization_ratio'],
  ['hw.status', '1', 'sum', false, 'hw_status'],
  ['hw.network.bandwidth.limit', 'By/s', 'sum', false, 'hw_network_bandwidth_limit_bytes_per_second'],
  ['system.process.created', '{process}', 'sum', true, 'system_process_created_total'],
  ['hw.temperature', 'Cel', 'gauge', false, 'hw_temperature_celsius'],
  ['http.server.request.duration', 's', 'histogram', true, 'http_server_request_duration_seconds'],
  ['requests_total', '', 'sum', true, 'requests_total'],
  ['wait_seconds', 's', 'gauge', false, 'wait_seconds'],
  ['rate', '{request}/m', 'gauge', false, 'rate_per_minute'],
  ['fan', 'rpm', 'gauge', false, 'fan_rpm'],
  ['2nd.try--count', '', 'gauge', false, '_2nd_try_count'],
] as const)(
  '%s in %s is called as OpenTelemetry’s specification has it',
  (name, unit, kind: StoredKind, isMonotonic, expected) => {
    expect(familyName({ name, unit, kind, isMonotonic }, 'prometheus')).toBe(expected);
    expect(familyName({ name, unit, kind, isMonotonic }, 'original')).toBe(name);
  },
);

test('a histogram has three names, a summary too', () => {
  const names = (kind: StoredKind) =>
    seriesNames({ name: 'a.b', unit: 'ms', kind, isMonotonic: true }, 'prometheus').map(({ name }) => name);
  expect(names('histogram')).toEqual(['bucket', 'sum', 'count'].map((part) => `a_b_milliseconds_${part}`));
  expect(names('summary')).toEqual(['a_b_milliseconds', 'a_b_milliseconds_sum', 'a_b_milliseconds_count']);
});

test('attributes become labels, and none stands in for one of ours', () => {
  expect(['cpu.mode', '0th', '__name__', 'node', 'le', 'a..b'].map((name) => labelName(name, 'prometheus'))).toEqual([
    'cpu_mode',
    'key_0th',
    '_name_',
    'exported_node',
    'exported_le',
    'a_b',
  ]);
  expect(labelName('__name__', 'original')).toBe('key__name__');
  const stored = {
    ...{
      name: 'x',
      unit: '',
      kind: 'histogram' as const,
      isMonotonic: true,
      node: 'n1',
      service: 's',
      namespace: '',
      instance: 'n1',
    },
    attributes: { 'a.b': '1', a_b: '2', empty: '' },
    bound: 1e-7,
  };
  expect(Object.fromEntries(labelsOfStored(stored, 'bucket', 'prometheus'))).toEqual({
    ...{ __name__: 'x_bucket', a_b: '1;2', instance: 'n1', job: 's', node: 'n1' },
    le: '0.0000001',
  });
});
