import { expect, test } from 'vitest';
import { createChannelFolders } from '../../../bundle/channel-folders.ts';

test('names of channels become folders that every system takes, no two the same', () => {
  const folderOf = createChannelFolders((channel) => channel);
  expect(folderOf('Microsoft-Windows-SMBClient/Operational')).toBe('Microsoft-Windows-SMBClient_Operational');
  expect(folderOf('/var/log/größe.log')).toBe('var_log_gro_e.log');
  expect(folderOf('C:\\ProgramData\\app.log')).toBe('C_ProgramData_app.log');
  expect(folderOf('con')).toBe('_con');
  expect([folderOf('a b'), folderOf('a/b'), folderOf('A b'), folderOf('a b')]).toEqual([
    'a_b',
    'a_b~2',
    'A_b~3',
    'a_b',
  ]);
  const long = [1, 2].map((n) => folderOf(`/srv/${'x'.repeat(60)}${n}${'y'.repeat(60)}.log`));
  expect(new Set(long).size).toBe(2);
  for (const folder of long) expect(folder).toMatch(/^[A-Za-z0-9._~-]{1,67}$/);
});

test('channels beyond the bound have no folder of their own', () => {
  const folderOf = createChannelFolders((channel) => channel, 2);
  expect(['a', 'b', 'c', 'a'].map(folderOf)).toEqual(['a', 'b', undefined, 'a']);
  expect(folderOf('')).toBeUndefined();
});
