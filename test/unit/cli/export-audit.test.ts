import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openExportAudit } from '../../../cli/export-audit.ts';
import type { ExportStep } from '../../../collector/api/shapes/export-steps.ts';
import { SextantError } from '../../../errors/sextant-error.ts';

const at = '2026-11-28T10:00:00.000Z';
const bundle = 'sx-plant-7-20261120T100000Z-aaaaaaaaaaaa';

function place(): { dataDir: string; path: string; untold: string } {
  const dataDir = mkdtempSync(join(tmpdir(), 'sextant-untold-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const path = join(dataDir, bundle);
  return { dataDir, path, untold: `${path}.untold.ndjson` };
}

test('steps lie beside the bundle until the collector has taken them, those of earlier exports too', async () => {
  const { dataDir, path, untold } = place();
  mkdirSync(join(dataDir, 'collector'));
  writeFileSync(join(dataDir, 'collector', 'state.db'), '');
  const told: ExportStep[] = [];
  let away = true;
  const send = async (_: string, steps: readonly ExportStep[]): Promise<void> => {
    if (away) throw new SextantError('SX_NO_COLLECTOR', 'nobody answers');
    told.push(...steps);
  };
  const open = () => openExportAudit(path, { dataDir, who: 'eva', send }) ?? expect.fail('there is a collector');
  const first = open();
  first.note(
    { at, event: 'planned', exportId: 'aaaaaaaaaaaa', bundle, who: 'eva', approvedBy: ['kim'] },
    'aaaaaaaaaaaa',
  );
  const identity = { serial: 'S1', volumeId: null };
  first.note({ at, event: 'medium', medium: 1, folder: '/media/usb', identity }, 'aaaaaaaaaaaa');
  first.note({ at, event: 'written', medium: 1, part: 'data/n1.v001.zip' }, 'aaaaaaaaaaaa');
  expect(await first.tell()).toBe('nobody answers');
  // A crash cuts the line that it was writing.
  writeFileSync(untold, `${readFileSync(untold, 'utf8')}{"at":"2026\n`);

  away = false;
  const second = open();
  second.note({ at, event: 'finished' }, 'bbbbbbbbbbbb');
  expect(await second.tell()).toBeUndefined();
  expect(told).toEqual([
    { at, event: 'planned', export: 'aaaaaaaaaaaa', bundle, who: 'eva', approvedBy: ['kim'] },
    { at, event: 'medium', export: 'aaaaaaaaaaaa', bundle, who: 'eva', medium: 1, folder: '/media/usb', serial: 'S1' },
    { at, event: 'finished', export: 'bbbbbbbbbbbb', bundle, who: 'eva' },
  ]);
  expect(existsSync(untold)).toBe(false);
});

test('an export that the policy refused is told as well, with where to and why', async () => {
  const { dataDir, path } = place();
  mkdirSync(join(dataDir, 'collector'));
  writeFileSync(join(dataDir, 'collector', 'state.db'), '');
  const told: ExportStep[] = [];
  const send = async (_: string, steps: readonly ExportStep[]): Promise<void> => void told.push(...steps);
  const audit = openExportAudit(path, { dataDir, who: 'eva', send });
  audit?.refused({ at, folder: '/media/usb', reason: 'x'.repeat(3000) });
  expect(await audit?.tell()).toBeUndefined();
  expect(told).toEqual([
    {
      ...{ at, event: 'not-allowed', bundle, who: 'eva', folder: '/media/usb' },
      ...{ export: expect.stringMatching(/^[a-z0-9]+$/), reason: 'x'.repeat(1024) },
    },
  ]);
});

test('where there is no collector nothing is kept for one', () => {
  const { dataDir, path } = place();
  expect(openExportAudit(path, { dataDir, who: 'eva' })).toBeUndefined();
});

test('a step that another export notes while steps are told is told later', async () => {
  const { dataDir, path, untold } = place();
  mkdirSync(join(dataDir, 'collector'));
  writeFileSync(join(dataDir, 'collector', 'state.db'), '');
  const told: string[] = [];
  let other: (() => void) | undefined = () => audit?.note({ at, event: 'finished' }, 'bbbbbbbbbbbb');
  const send = async (_: string, steps: readonly ExportStep[]): Promise<void> => {
    other?.();
    other = undefined;
    told.push(...steps.map((step) => step.export));
  };
  const audit = openExportAudit(path, { dataDir, who: 'eva', send });
  audit?.note({ at, event: 'finished' }, 'aaaaaaaaaaaa');
  expect(await audit?.tell()).toBeUndefined();
  expect(await audit?.tell()).toBeUndefined();
  expect(told).toEqual(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
  expect(existsSync(untold)).toBe(false);
});
