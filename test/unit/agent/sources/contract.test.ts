import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, describe, expect, test } from 'vitest';
import { type Profile, profileDefaults } from '../../../../agent/profile/profile.ts';
import { sourcesOf } from '../../../../agent/sources/all.ts';
import { SourceHealth } from '../../../../protocol/control.ts';
import { createRecordingPipeline } from './recording-pipeline.ts';
import { createSourceContext, emptyProfile } from './source-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'sx-contract-'));
writeFileSync(join(folder, 'a.log'), 'one\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sources(platform: NodeJS.Platform, profile = emptyProfile) {
  const { context, collect } = createSourceContext({
    logs: createRecordingPipeline().pipeline,
    profile,
    settings: platform === 'linux' ? { 'agent.files.follow': [join(folder, '*.log')] } : {},
  });
  return { made: sourcesOf(platform).map((source) => source.create(context)), collect };
}
const names = sourcesOf('linux').map(({ name }) => name);

/** Sources of Windows that can be made here: the event log and PowerShell are absent, which they have to bear. */
const windowsSources = ['event-log', 'hardware', 'cluster', 'hyperv'];
const eventLog: Profile['eventLog'] = { ...emptyProfile.eventLog, enabled: true, channels: [{ name: 'System' }] };

test('has the sources of this release', () => {
  expect(names).toEqual(['host', 'hardware', 'journald', 'probes', 'files']);
});

describe.each([
  ...names.map((name) => ({ name, platform: 'linux' as const })),
  ...windowsSources.map((name) => ({ name, platform: 'win32' as const })),
])('source $name of $platform', ({ name, platform }) => {
  const make = (profile: Profile = { ...emptyProfile, eventLog }) => {
    const { made, collect } = sources(platform, profile);
    const source = made.find((candidate) => candidate.name === name);
    if (!source) throw new Error(`no source ${name} on ${platform}`);
    return { source, collect };
  };

  test('says how it is before, during and after its life', async () => {
    const { source, collect } = make();
    for (const step of [async () => {}, () => source.start(), collect, () => source.close()]) {
      await step();
      const health = source.health();
      expect(health.name).toBe(name);
      expect([...Value.Errors(SourceHealth, health)]).toEqual([]);
    }
  });

  test('can be closed before it was started, and twice', async () => {
    const { source } = make();
    await source.close();
    await source.start();
    await source.close();
    await source.close();
  });

  test('starts again after it was closed', async () => {
    const { source } = make();
    await source.start();
    const before = source.health().state;
    await source.close();
    await source.start();
    expect(source.health().state).toBe(before);
    await source.close();
  });

  test('is absent when the profile switches it off', async () => {
    if (name === 'files') return;
    const { source } = make({ ...emptyProfile, ...(profileDefaults as Partial<Profile>) });
    await source.start();
    expect(source.health().state).toBe('absent');
    await source.close();
  });
});
