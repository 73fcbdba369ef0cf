import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeUnderWine } from '../wine.ts';
import { createEventLogMachine, type EventLogMachine } from './collecting.ts';

const channel = 'Microsoft-Windows-Test/Operational';
const patience = { timeout: 60_000, interval: 100 };

describeUnderWine('the event log through wevtapi', () => {
  let machine: EventLogMachine;
  beforeAll(async () => {
    machine = await createEventLogMachine();
  }, 300_000);
  afterAll(() => machine?.close());

  type Site = ReturnType<EventLogMachine['createSite']>;
  const numbers = (site: Site) =>
    site.records().flatMap(({ attributes }) => attributes?.['windows.eventlog.record_id'] ?? []);
  const gaps = (site: Site) =>
    site
      .records()
      .filter(({ eventName }) => eventName === 'sextant.eventlog.gap')
      .map(({ attributes }) => ['kind', 'first', 'last', 'count'].map((name) => attributes?.[`sextant.gap.${name}`]));
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const waitFor = (site: Site, count: number) =>
    vi.waitFor(() => expect(numbers(site).length).toBeGreaterThanOrEqual(count), patience);

  test('gives an event all that Windows tells of it', async () => {
    const site = machine.createSite();
    site.files.publisher('Disk', {
      '7': 'The device, %1, has a bad block.',
      '8': 'Nothing is put in for %9.',
      'task:3': 'Reading',
      'opcode:2': 'Stop',
      'keywords:0x80000000000080': 'Classic',
    });
    const log = site.files.channel(channel);
    log.append(1, () => ({
      unixMs: Date.UTC(2026, 10, 28, 10, 0, 0, 123),
      provider: 'Disk',
      guid: '{01234567-89ab-cdef-0123-456789abcdef}',
      eventId: 7,
      level: 2,
      task: 3,
      opcode: 2,
      keywords: '0x80000000000080',
      processId: 1234,
      threadId: 5678,
      sid: 'S-1-5-21-1-2-3-500',
      activityId: '{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}',
      data: [
        'DeviceName=\\Device\\Härddisk0\\DR0',
        'Count:u32=4000000000',
        'Offset:i64=-5',
        'Big:u64=18446744073709551615',
        'Flag:bool=1',
        'When:time=134088048001234567',
        'Blob:bin=0aff',
        'Who:sid=S-1-5-32-544',
        'Parts:texts=a|b|c',
        'Empty=',
        '=unnamed',
      ],
    }));
    log.append(1, () => ({ provider: 'Unregistered', eventId: 99, level: 3, data: ['Reason=no words'] }));
    log.append(1, () => ({ provider: 'Disk', eventId: 4, level: 1, data: [] }));
    log.append(1, () => ({ provider: 'Disk', eventId: 8, level: 5, data: [`Long=${'x'.repeat(60_000)}`] }));
    log.append(1, () => ({ level: 0, keywords: '0x8010000000000000', data: [] }));
    site.start([{ name: channel }]);
    await waitFor(site, 5);
    await site.stop();
    const [first, second, third, fourth, fifth] = site.records();
    expect(first).toMatchObject({
      timestamp: [Date.UTC(2026, 10, 28, 10) / 1000, 123_000_000],
      severityNumber: 17,
      severityText: 'Error',
      body: 'The device, \\Device\\Härddisk0\\DR0, has a bad block.',
    });
    expect(first?.attributes).toEqual({
      'log.record.uid': expect.stringMatching(/^node1:Microsoft-Windows-Test\/Operational:[0-9a-z]+:1$/),
      'windows.eventlog.channel': channel,
      'windows.eventlog.record_id': 1,
      'windows.eventlog.event_id': 7,
      'windows.eventlog.provider.name': 'Disk',
      'windows.eventlog.provider.guid': '01234567-89ab-cdef-0123-456789abcdef',
      'windows.eventlog.level': 'Error',
      'windows.eventlog.task': 'Reading',
      'windows.eventlog.opcode': 'Stop',
      'windows.eventlog.keywords': 'Classic',
      'windows.eventlog.computer': 'NODE1',
      'windows.eventlog.process.id': 1234,
      'windows.eventlog.thread.id': 5678,
      'windows.eventlog.activity.id': 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      'windows.eventlog.user.sid': 'S-1-5-21-1-2-3-500',
      'windows.eventlog.data.DeviceName': '\\Device\\Härddisk0\\DR0',
      'windows.eventlog.data.Count': 4_000_000_000,
      'windows.eventlog.data.Offset': -5,
      'windows.eventlog.data.Big': '18446744073709551615',
      'windows.eventlog.data.Flag': true,
      'windows.eventlog.data.When': '2025-11-28T12:00:00.1234567Z',
      'windows.eventlog.data.Blob': '0aff',
      'windows.eventlog.data.Who': 'S-1-5-32-544',
      'windows.eventlog.data.Parts': 'a, b, c',
      'windows.eventlog.data.param11': 'unnamed',
    });
    // No metadata of the provider, no message of this number: an attribute, not a lost event.
    expect(second).toMatchObject({
      body: 'Unregistered event 99: Reason=no words',
      severityNumber: 13,
      attributes: { 'windows.eventlog.rendering_error': expect.stringContaining('15002') },
    });
    expect(third).toMatchObject({
      body: 'Disk event 4',
      severityNumber: 21,
      attributes: { 'windows.eventlog.rendering_error': expect.stringContaining('15027') },
    });
    // Larger than the buffer at first.
    expect(fourth).toMatchObject({ body: 'Nothing is put in for %9.', severityNumber: 5 });
    expect(String(fourth?.attributes?.['windows.eventlog.data.Long'])).toHaveLength(16_384);
    expect(fifth).toMatchObject({ severityText: 'Audit Failure', severityNumber: 13 });
    const unrendered = site.state().metrics.find(({ name }) => name === 'sextant.eventlog.unrendered');
    expect(unrendered?.value).toBe(3);
  });

  test('hears of every event that comes one at a time', async () => {
    const site = machine.createSite();
    const log = site.files.channel(channel);
    site.start([{ name: channel }]);
    for (let event = 1; event <= 40; event += 1) {
      log.append(1);
      // Each is there before the next: none waits for the look that is taken every minute.
      await vi.waitFor(() => expect(numbers(site).at(-1)).toBe(event), { timeout: 20_000, interval: 5 });
    }
    await site.stop();
    expect(numbers(site)).toEqual(range(1, 40));
  });

  test('takes smaller batches when Windows refuses large ones, and passes over what it never hands over', async () => {
    const site = machine.createSite();
    const log = site.files.channel(channel);
    log.append(300, (id) => ({ data: [`Text=${'x'.repeat(id === 150 ? 9_000 : 200)}`] }));
    log.boundCalls(4_000);
    site.start([{ name: channel }]);
    await waitFor(site, 299);
    await site.stop();
    expect(numbers(site)).toEqual(range(1, 300).filter((id) => id !== 150));
    expect(gaps(site)).toEqual([['unreadable', 150, 150, 1]]);
  });

  test('reports what was overwritten while it was away and under its hands', async () => {
    const site = machine.createSite();
    const log = site.files.channel(channel);
    log.append(100);
    site.start([{ name: channel }]);
    await waitFor(site, 100);
    await site.kill();
    log.append(500);
    log.overwriteUpTo(351);
    site.start([{ name: channel }]);
    await waitFor(site, 350);
    // In one step for the reader: it never sees 601 to 700.
    log.overwriteUpTo(701);
    log.append(200);
    await waitFor(site, 450);
    await site.stop();
    expect(numbers(site)).toEqual([...range(1, 100), ...range(351, 600), ...range(701, 800)]);
    expect(gaps(site)).toEqual([
      ['overwritten', 101, 350, 250],
      ['overwritten', 601, 700, 100],
    ]);
    expect(site.state().health.dropped).toBe(350);
    expect(site.state().metrics).toContainEqual(
      expect.objectContaining({ name: 'sextant.eventlog.lost', attributes: { 'windows.eventlog.channel': channel } }),
    );
  });

  test.each([
    ['in a new file', { sameFile: false }],
    ['in the same file', { sameFile: true }],
  ])('reads on when a log is cleared and counts anew %s', async (_, how) => {
    const site = machine.createSite();
    const log = site.files.channel(channel);
    log.append(50);
    site.start([{ name: channel }]);
    await waitFor(site, 50);
    log.clear(how);
    log.append(30);
    await waitFor(site, 80);
    await site.kill();
    log.clear(how);
    log.append(20);
    site.start([{ name: channel }]);
    await waitFor(site, 100);
    await site.stop();
    expect(numbers(site)).toEqual([...range(1, 50), ...range(1, 30), ...range(1, 20)]);
    const uids = new Set(site.records().map(({ attributes }) => attributes?.['log.record.uid']));
    expect(uids.size).toBe(site.records().length);
    expect(gaps(site).map(([kind, first]) => [kind, first])).toEqual([
      ['cleared', 51],
      ['cleared', 31],
    ]);
  });

  test('finds channels by either name, and goes on without those that it may not read or that are not there', async () => {
    const site = machine.createSite();
    site.files.channel('Microsoft-Windows-Hyper-V-VMMS/Admin').append(5, (id) => ({ eventId: id }));
    site.files.channel('Security').deny(true);
    site.files.channel('System').append(1);
    site.start([
      { name: 'microsoft-windows-hyper-v-vmms-admin', query: '*[System[EventID=3]]' },
      { name: 'Security' },
      { name: 'Microsoft-Windows-Nothing/Admin' },
      { name: 'System', query: '*[System[[' },
    ]);
    await waitFor(site, 1);
    await vi.waitFor(() => expect(site.state().health.detail).toContain('15001'), patience);
    await site.stop();
    expect(numbers(site)).toEqual([3]);
    const { health } = site.state();
    expect(health.state).toBe('running');
    expect(health.detail).toContain('this machine has no channel Microsoft-Windows-Nothing/Admin');
    expect(health.detail).toContain('Security: EvtSubscribe: Windows error 5, access denied');
    expect(health.detail).toContain('System: EvtSubscribe: Windows error 15001, the query is not valid');
  });

  test('passes over events that are older than what the profile asks for', async () => {
    const site = machine.createSite();
    const now = Date.now();
    const log = site.files.channel(channel);
    log.append(100, (id) => ({ unixMs: now - (100 - id) * 60_000 }));
    site.start([{ name: channel }], { readExisting: 10.5 * 60_000 });
    await vi.waitFor(() => expect(numbers(site).at(-1)).toBe(100), patience);
    log.append(1);
    await vi.waitFor(() => expect(numbers(site).at(-1)).toBe(101), patience);
    await site.stop();
    expect(numbers(site).length).toBeGreaterThan(5);
    expect(numbers(site).length).toBeLessThan(14);
  });
});
