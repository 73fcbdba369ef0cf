import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run, temporaryFolder } from '../e2e/running-site.ts';
import { long } from '../long.ts';
import { bootMachine, makeDebianRoot, type SystemdMachine, whyNoMachine } from './systemd-machine.ts';

const checkout = join(import.meta.dirname, '../..');
const [older, newer] = ['0.0.1', '0.0.2'];
/** Makes a Debian and four packages, so in long runs only. */
const reason = long ? whyNoMachine() : 'in long runs only';
if (long && reason !== undefined)
  process.stderr.write(`\n!!! the packages under systemd itself: NOT TESTED, ${reason}\n\n`);
const { folder, remove } = temporaryFolder();
const given = join(folder, 'given');
let machine: SystemdMachine;
const ask = (lines: string) => machine.ask(lines);

const [agent, collector] = ['sextant-agent', 'sextant-collector'];
const show = async (unit: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await ask(`systemctl show ${unit}`))
      .split('\n')
      .map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
  );
const sql = async (statement: string): Promise<Record<string, number>> =>
  JSON.parse((await ask(`sextant sql --json "${statement}"`)).split('\n')[0] ?? '{}');
const active = (unit: string) =>
  vi.waitFor(
    async () => expect(await show(unit)).toMatchObject({ ActiveState: 'active', SubState: 'running' }),
    60_000,
  );
/** Numbered lines of a file, and what systemd's journal was told when the agent had stopped. */
const numbers = () =>
  sql(`SELECT countIf(Body LIKE 'number %') AS lines, uniqExactIf(Body, Body LIKE 'number %') AS different,
    countIf(Body LIKE 'last word %') AS words, uniqExactIf(Body, Body LIKE 'last word %') AS differentWords FROM otel_logs`);

describe.runIf(reason === undefined)('the packages under systemd', () => {
  beforeAll(async () => {
    mkdirSync(given);
    const root = join(folder, 'root');
    await makeDebianRoot(root);
    for (const version of [older, newer]) {
      const script = join(checkout, 'scripts/build-deb.js');
      const built = await run([process.execPath, script, '--version', version, '--out', given]);
      if (built.code !== 0) throw new Error(`the packages could not be built:\n${built.stderr}`);
    }
    machine = await bootMachine(`sextant-test-${process.pid}`, root, given);
  }, 900_000);
  afterAll(async () => {
    await machine?.close();
    remove();
  }, 120_000);

  test('are installed, enrolled and started with the words of docs/linux.md', async () => {
    await ask(`dpkg -i /given/${collector}_${older}_amd64.deb`);
    expect(await show(collector)).toMatchObject({
      ActiveState: 'active',
      StatusText: expect.stringMatching(/^Answers at/),
    });
    await ask(`cat > /etc/sextant/collector.yaml <<'END'
site.name: harbour
collector:
  listen: 0.0.0.0
  names: [collector.example.internal]
END
echo '127.0.0.1 localhost collector.example.internal' > /etc/hosts
systemctl restart sextant-collector`);
    await ask('sextant token create > token');
    await ask(`dpkg -i /given/${agent}_${older}_amd64.deb`);
    expect(await show(agent)).toMatchObject({ ActiveState: 'inactive', ConditionResult: 'no' });
    // A file that is followed, which grows through all that comes, and the last words of a service that stops after the agent.
    await ask(`cat > /etc/sextant/agent.yaml <<'END'
site.name: harbour
agent:
  profile: [linux]
  files:
    follow: [/opt/app/logs/*.log]
END
cat > /etc/systemd/system/counting.service <<'END'
[Service]
ExecStart=/bin/bash -c 'mkdir -p /opt/app/logs; f=/opt/app/logs/count.log; touch $$f; i=$$(wc -l <$$f); while :; do i=$$((i+1)); echo "number $$i" >>$$f; ((i%%20)) || sleep 0.05; done'
[Install]
WantedBy=multi-user.target
END
cat > /etc/systemd/system/talking.service <<'END'
[Unit]
Before=sextant-agent.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/bash -c 'for i in $$(seq 20); do echo "last word $$i"; done'
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload; systemctl enable --now counting talking`);
    const enrolled = await ask(
      'sextant-agent enroll --collector https://collector.example.internal:8443 --token-file - < token',
    );
    expect(enrolled).toContain('Start it with: systemctl start sextant-agent');
    await ask('systemctl start sextant-agent');
    expect(await show(agent)).toMatchObject({ ActiveState: 'active', StatusText: 'Collecting', WatchdogUSec: '1min' });
    await vi.waitFor(async () => expect(await ask('sextant nodes')).toMatch(/ online /), 30_000);
  }, 300_000);

  test('runs with what the units forbid in force, and nothing that it needs is among that', async () => {
    for (const [unit, most] of [
      [agent, 2.1],
      [collector, 1.6],
    ] as const) {
      const { MainPID: pid } = await show(unit);
      const status = await ask(`cat /proc/${pid}/status`);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
      expect(status).toMatch(unit === agent ? /^CapBnd:\t0+$/m : /^CapBnd:\t0+400$/m);
      const exposure = await ask(`systemd-analyze security --no-pager ${unit} | tail -1`);
      expect(Number(/: ([\d.]+) /.exec(exposure)?.[1])).toBeLessThanOrEqual(most);
      const told = await ask(`journalctl --no-pager -o cat -t ${unit}`);
      expect(told).not.toBe('');
      expect(told).not.toMatch(/denied|EPERM|EACCES|EROFS|not permitted|read-only/i);
    }
    await vi.waitFor(async () => {
      const { host, journald, files } = Object.fromEntries(
        JSON.parse(await ask('sextant-agent status --json')).agent.sources.map((source: { name: string }) => [
          source.name,
          source,
        ]),
      );
      for (const source of [host, journald, files]) {
        expect(source).toMatchObject({ state: 'running', dropped: 0 });
        expect(source.records).toBeGreaterThan(0);
      }
      expect(await ask('sextant metrics --since 15m')).toMatch(/^system\.memory\.usage /m);
      expect(await ask(`sextant logs --since 15m --query systemd.unit:${collector}.service`)).toContain(
        'the collector answers',
      );
      expect((await numbers()).lines).toBeGreaterThan(100);
    }, 60_000);
  }, 120_000);

  test('writes bundles of the site and of the node alone in which nothing has failed', async () => {
    for (const command of ['sextant bundle create', 'sextant-agent collect']) {
      const { code, stdout } = await machine.sh(`${command} --since 15m --out /tmp/evidence-$RANDOM --json`);
      expect([0, 3]).toContain(code);
      const { path, coverage } = JSON.parse(stdout);
      const { sources, gaps } = coverage;
      // The commands go by the settings of the services.
      expect(path).toContain('/sx-harbour-');
      expect(sources.ok).toBeGreaterThan(40);
      const told = gaps as { source: string; state: string; reason: string }[];
      expect(told.map(({ source, state }) => `${source} ${state}`).sort()).toEqual([
        'journal/journal rotated-away',
        'logs/var-log partial',
        'system/dmesg denied',
      ]);
      // Where systemd has the logs of services with users of their own: root's alone.
      expect(told.find(({ source }) => source === 'logs/var-log')?.reason).toMatch(/^EACCES: .*'\/var\/log\/private'$/);
    }
  }, 180_000);

  test('lets the collector write to media that were there before it, and to nothing else of the system', async () => {
    await ask(`mkdir -p /media/stick; mount -t tmpfs tmpfs /media/stick; systemctl restart ${collector}`);
    const { MainPID: pid } = await show(collector);
    const mounts = await ask(`cat /proc/${pid}/mountinfo`);
    expect(mounts).toMatch(/ \/media\/stick rw/);
    expect(mounts).toMatch(/ \/ ro/);
    await ask('umount /media/stick');
  }, 60_000);

  test.each([agent, collector])(
    'comes back after it was killed: %s',
    async (unit) => {
      const { MainPID: before } = await show(unit);
      await ask(`kill -9 ${before}`);
      await vi.waitFor(async () => expect((await show(unit)).NRestarts).toBe('1'), 60_000);
      await active(unit);
      expect((await show(unit)).MainPID).not.toBe(before);
    },
    150_000,
  );

  test.each([agent, collector])(
    'is ended by the watchdog when it hangs, and comes back: %s',
    async (unit) => {
      const dropIn = `/run/systemd/system/${unit}.service.d`;
      await ask(`mkdir -p ${dropIn}; printf '[Service]\\nWatchdogSec=4\\n' > ${dropIn}/watchdog.conf
      systemctl daemon-reload; systemctl restart ${unit}`);
      // It feeds the watchdog: three times its limit is nothing.
      await ask('sleep 12');
      const { MainPID: before, NRestarts: restarts } = await show(unit);
      expect(restarts).toBe('0');
      await ask(`kill -STOP ${before}`);
      await vi.waitFor(async () => expect((await show(unit)).NRestarts).toBe('1'), 60_000);
      await active(unit);
      expect(await ask(`journalctl --no-pager -u ${unit} -o cat`)).toContain('Watchdog timeout');
      await ask(`rm -r ${dropIn}; systemctl daemon-reload; systemctl restart ${unit}`);
      await active(unit);
    },
    180_000,
  );

  test.each([
    [agent, '/etc/sextant/agent.yaml'],
    [collector, '/etc/sextant/collector.yaml'],
  ])(
    'is not started again after a wrong configuration: %s',
    async (unit, file) => {
      await ask(`cp ${file} /tmp/kept; echo 'agent.nosuch: 1' >> ${file}; ! systemctl restart ${unit}; sleep 8`);
      expect(await show(unit)).toMatchObject({ ActiveState: 'failed', ExecMainStatus: '2', NRestarts: '0' });
      expect(await ask(`journalctl --no-pager -o cat -t ${unit} -n 5`)).toContain(`${file}:`);
      // By its priority, which is no part of what is said.
      const errors = await ask(`journalctl --no-pager -o cat -t ${unit} -p err -n 5`);
      expect(errors).toMatch(/^SX_CONFIG_INVALID: /m);
      expect(errors).toContain(`${file}:`);
      const notices = await ask(`journalctl --no-pager -o cat -t ${unit} -p info | grep '^{'`);
      for (const line of notices.trim().split('\n')) expect(JSON.parse(line).level).toBeGreaterThanOrEqual(30);
      const worse = await ask(`journalctl --no-pager -o cat -t ${unit} -p warning | grep '^{' || true`);
      for (const line of worse.split('\n').filter(Boolean)) expect(JSON.parse(line).level).toBeGreaterThanOrEqual(40);
      await ask(`cp /tmp/kept ${file}; systemctl start ${unit}`);
      await active(unit);
    },
    120_000,
  );

  test('stops within its time', async () => {
    for (const unit of [agent, collector]) {
      const { ms } = await machine.sh(`systemctl stop ${unit}`);
      expect(ms).toBeLessThan(unit === agent ? 15_000 : 30_000);
      expect(await show(unit)).toMatchObject({ ActiveState: 'inactive', Result: 'success' });
      await ask(`systemctl start ${unit}`);
    }
  }, 120_000);

  test('ends what it has started itself, and takes none of it for failed', async () => {
    expect(await ask(`journalctl --no-pager -o cat -t ${agent}`)).not.toContain('journalctl ended');
  }, 30_000);

  test('comes back by itself after a reboot, and what was said while the machine went down is read', async () => {
    await machine.reboot();
    await active(collector);
    await active(agent);
    await vi.waitFor(async () => expect((await numbers()).words).toBe(20), 60_000);
  }, 240_000);

  test('reads more, as the examples of docs/linux.md give it', async () => {
    const edit = (lines: string) =>
      ask(`cat > /tmp/lines <<'END'\n${lines}END\nscript -qec 'SYSTEMD_EDITOR="cp /tmp/lines" systemctl edit ${agent}' /dev/null
        systemctl restart ${agent}`);
    await ask(
      'groupadd postgres; echo "only for the group" > /opt/app/logs/group.log; chgrp postgres /opt/app/logs/group.log; chmod 640 /opt/app/logs/group.log',
    );
    const seen = () => sql("SELECT count() AS lines FROM otel_logs WHERE Body = 'only for the group'");
    await edit('[Service]\nSupplementaryGroups=postgres\n');
    await vi.waitFor(async () => expect((await seen()).lines).toBe(1), 90_000);
    await edit(
      '[Service]\nUser=root\nCapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_RAWIO CAP_SYS_ADMIN CAP_SYSLOG\nDeviceAllow=block-* rw\n',
    );
    expect(JSON.parse(await ask('sextant-agent status --json'))).toMatchObject({ told: 'now' });
    await ask(`systemctl revert ${agent}; systemctl restart ${agent}`);
    expect(JSON.parse(await ask('sextant-agent status --json'))).toMatchObject({ told: 'now' });
    expect(await ask('stat -c %U /var/lib/sextant-agent/agent/identity/node.key')).toBe('sextant-agent');
  }, 240_000);

  test('is upgraded while it runs, and nothing is lost or doubled through all of this', async () => {
    const before = await Promise.all([show(agent), show(collector)]);
    await ask(`dpkg -i --force-confold /given/${agent}_${newer}_amd64.deb /given/${collector}_${newer}_amd64.deb`);
    await active(agent);
    await active(collector);
    const after = await Promise.all([show(agent), show(collector)]);
    for (const [index, { MainPID: pid }] of after.entries()) expect(pid).not.toBe(before[index]?.MainPID);
    expect(await ask('sextant-agent --version; sextant --version')).toBe(`${newer}\n${newer}`);
    await ask('systemctl stop counting');
    const lines = Number(await ask('wc -l < /opt/app/logs/count.log'));
    expect(lines).toBeGreaterThan(1000);
    await vi.waitFor(
      async () => expect(await numbers()).toEqual({ lines, different: lines, words: 20, differentWords: 20 }),
      90_000,
    );
  }, 240_000);

  test('leaves settings and data when removed, and nothing when purged', async () => {
    const left = () =>
      ask(
        'ls -d /usr/lib/sextant-* /usr/bin/sextant* /lib/systemd/system/sextant* /var/lib/sextant* /etc/sextant/* 2>/dev/null || true',
      );
    await ask(`dpkg -r ${agent} ${collector}`);
    expect((await left()).split('\n')).toEqual([
      '/etc/sextant/agent.yaml',
      '/etc/sextant/collector.yaml',
      '/var/lib/sextant',
      '/var/lib/sextant-agent',
    ]);
    expect(await ask('pgrep -u sextant,sextant-agent || true')).toBe('');
    await ask(`dpkg -P ${agent} ${collector}`);
    expect(
      await ask(
        "find / -xdev -name '*sextant*' -not -path '/tmp/*' -not -path '/root/*' -not -path '/given/*' -not -path '/proc/*'; getent passwd | grep sextant || true",
      ),
    ).toBe('');
    expect(await ask('systemctl --failed --no-legend')).toBe('');
  }, 120_000);
});
