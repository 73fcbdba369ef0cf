import { expect, test } from 'vitest';
import { serviceSid } from '../../../../agent/service/sid.ts';

test('knows the SID that Windows gives a service of this name', () => {
  // Well known: the owner of Windows' own files.
  expect(serviceSid('TrustedInstaller')).toBe('S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464');
  expect(serviceSid('trustedinstaller')).toBe(serviceSid('TrustedInstaller'));
});
