import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { formatBundleName, isBundleName } from '../../../bundle/bundle-name.ts';
import { safeSegment } from '../../../bundle/entry-path.ts';
import { createRedactor } from '../../../bundle/redaction/redactor.ts';

test('letters with marks become letters without, in the names of bundles and of what lies in them', () => {
  const name = formatBundleName({ site: 'Werft Süd 7', createdMs: 0, id: 'k3v9x2m4p7q1' });
  expect(name).toBe('sx-werft-sud-7-19700101T000000Z-k3v9x2m4p7q1');
  expect(isBundleName(name)).toBe(true);
  expect(safeSegment('Übersicht für März.log')).toBe('Ubersicht_fur_Marz.log');
  expect(safeSegment('日本.log')).toBe('_.log');
});

test('the collector has its own name under every profile', () => {
  const redactor = createRedactor({ key: randomBytes(32), profile: 'strict' });
  expect(redactor.node('@collector')).toBe('@collector');
  expect(redactor.node('n1')).toMatch(/^host-/);
});
