import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { signinCommand } from '../../../../cli/up/signin-command.ts';
import { defaultDataDir } from '../../../../config/environment.ts';

test('the command for a new sign-in link names the data folder where it is not the usual one', () => {
  expect(signinCommand(defaultDataDir())).toBe('npx sextant token create --signin');
  expect(signinCommand('/srv/sextant')).toBe('npx sextant token create --signin --data-dir /srv/sextant');
});

test('a shell reads the folder back as it is called', () => {
  const folder = "/srv/it's $HOME; a `folder`";
  const words = signinCommand(folder).replace('npx sextant token create --signin --data-dir', 'printf %s');
  expect(execFileSync('sh', ['-c', words], { encoding: 'utf8' })).toBe(folder);
});
