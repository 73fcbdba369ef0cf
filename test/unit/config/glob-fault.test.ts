import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { globFault } from '../../../config/glob-fault.ts';

test.each([
  '/var/log/*.log',
  '/var/log/**/*.log',
  '/opt/{billing,shop}/logs/{*.log,*.txt,*.out,*.err,*.csv}',
  '/srv/app[0-9]/log/*-*.log*',
  '/var/log/app-{01..31}.log',
  '/var/log/!(secret)*.log',
  '/var/log/app@(.1|.old)',
  '/var/log/!(*.gz|*.zip|*.bz2|*.xz|*.zst)',
  '/var/log/*.@(log|out)',
  'C:\\Program Files (x86)\\Vendor\\*.log',
  '/var/log/c++/*.log',
  '/var/log/x(alt)*.log',
  '/var/log/[]]*',
  'C:\\Logs\\a*\\b*\\c*\\d*\\e*\\*.log',
  '\\\\server\\share\\a*\\b*\\c*\\d*\\e*.log',
  '/var/log/with\\*star\\*star\\*star\\*star\\*star',
  '/var/log/unclosed[',
  '/var/log/Übergrößen (alt)/*.log',
  `/${'a'.repeat(4095)}`,
])('takes %$: %.40s', (glob) => {
  expect(globFault(glob)).toBeUndefined();
  expect(() => picomatch(glob, { dot: true })('/var/log/a.log')).not.toThrow();
});

test.each([
  ['', 'is empty'],
  [`/${'a'.repeat(70_000)}`, 'more than 4096 characters; name several shorter ones'],
  ['/var/\0', 'NUL'],
  ['/var/log/*a*a*a*a*a*ab', 'more than 4 `*` in one name'],
  ['/var/*\\a*\\a*\\a*\\a*\\ab', 'more than 4 `*`'],
  ['/var/log/{a*,b*a*a*}*a*a', 'more than 4 `*`'],
  ['/**/a/**/a/**/a/**/a/**/b', 'more than 4 `**`'],
  ['/tmp/{1..3000000}.x', 'more than 1000 variants'],
  [`/tmp/${'{a,b}'.repeat(22)}`, 'more than 1000 variants'],
  ['/var/+(*a)b', 'repeats more than one word'],
  ['/var/+(+(a))b', 'something else than words'],
  ['/var/((a+)+)+b', 'something else than words'],
  ['/var/*({a,b}|a)c', 'something else than words'],
  ['/var/(a|aa)+b', 'repeats what stands before a +'],
  ['/var/[ab]+c', 'repeats what stands before a +'],
  ['/var/*(a|aa)b', 'repeats more than one word'],
  ['/var/log/(a', 'something else than words'],
  ['/var/log/{a', 'a { that is not closed'],
  ['/'.padEnd(4000, '{'), 'nests deeper than 16'],
])('refuses %.40s: %s', (glob, why) => {
  expect(globFault(glob)).toContain(why);
});

test('what it takes, picomatch takes, in little time', () => {
  const pieces = [
    '*',
    '**',
    '/',
    'a',
    'b',
    '[a-c]',
    '{a,b}',
    '{',
    ',',
    '}',
    '(',
    ')',
    '|',
    '+(',
    '!(',
    '?',
    '\\',
    '..',
    '[',
    ']',
    '@(',
    '*(',
  ];
  const paths = [`/${'a'.repeat(100)}`, `/${'a/'.repeat(50)}c`, `/${'ab'.repeat(60)}.log`, '/var/log/a.log'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 24 }), (parts) => {
      const glob = `/${parts.join('')}`;
      if (globFault(glob) !== undefined) return;
      const before = process.cpuUsage();
      const isMatch = picomatch(glob, { dot: true });
      for (const path of paths) isMatch(path);
      expect(process.cpuUsage(before).user / 1e6, glob).toBeLessThan(2);
    }),
    { numRuns: 3000 },
  );
}, 120_000);
