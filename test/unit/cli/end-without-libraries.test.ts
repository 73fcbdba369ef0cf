import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'sextant-end-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const module = join(import.meta.dirname, '../../../cli/end-without-libraries.ts');

/** A process that loads a library which crashes when the process takes it down, as threads that still use it do. */
async function ended(body: string): Promise<{ how: number | string; stdout: string }> {
  const library = join(folder, 'crashes-at-exit.so');
  writeFileSync(
    join(folder, 'c.c'),
    '#include <stdlib.h>\n__attribute__((destructor)) static void end(void) { abort(); }\n',
  );
  execFileSync('gcc', ['-shared', '-fPIC', '-o', library, join(folder, 'c.c')]);
  const script = join(folder, 'script.mjs');
  writeFileSync(script, body);
  const child = spawn(process.execPath, [script], { env: { ...process.env, LD_PRELOAD: library } });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { how: code ?? signal, stdout };
}

test.runIf(process.platform === 'linux')(
  'a process ends with its own code, whatever its libraries do at the end',
  async () => {
    expect(await ended('process.exit(3);')).toEqual({ how: 'SIGABRT', stdout: '' });
    const begin = `import { endWithoutLibraries } from ${JSON.stringify(module)};\nawait endWithoutLibraries();\n`;
    expect(await ended(`${begin}process.on('exit', () => console.log('last words'));\nprocess.exit(3);`)).toEqual({
      how: 3,
      stdout: 'last words\n',
    });
    expect(await ended(`${begin}process.exitCode = 1;\nprocess.stdout.write('x'.repeat(1e6));`)).toEqual({
      how: 1,
      stdout: 'x'.repeat(1e6),
    });
  },
);
