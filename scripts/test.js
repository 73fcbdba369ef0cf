import { join } from 'node:path';
import { bootstrap } from './bootstrap.js';
import { runChild } from './run-child.js';
import { checkout, environmentFor, findNode } from './runtime.js';
import { installSystemPackages } from './system-packages.js';

/** The checks that need no test to run. */
const checks = [
  ['biome', 'ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.'],
  ['tsc', '--noEmit'],
  ['knip', '--no-progress'],
];

async function main(args) {
  await bootstrap();
  await installSystemPackages();
  const node = findNode();
  const long = args.includes('--long');
  const env = { ...environmentFor(node), ...(long ? { SEXTANT_TEST_LONG: '1' } : {}) };
  const run = (command, rest) =>
    runChild(join(checkout, 'node_modules', '.bin', command), rest, { cwd: checkout, env });

  const chosen = args.filter((arg) => arg !== '--long');
  // Whoever names test files wants those alone.
  const codes = await Promise.all(
    (chosen.length > 0 ? [] : checks).map(async ([command, ...rest]) => {
      console.error(`sextant: ${[command, ...rest].join(' ')}`);
      const code = await run(command, rest);
      if (code !== 0) console.error(`sextant: ${command} found faults (above); the tests are not run`);
      return code;
    }),
  );
  const fault = codes.find((code) => code !== 0);
  if (fault !== undefined) return fault;
  return run('vitest', ['run', ...chosen]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`npm test: ${error.message}`);
  process.exitCode = 1;
}
