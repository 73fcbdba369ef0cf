import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.js';
import { runChild } from './run-child.js';
import { checkout, environmentFor, findNode } from './runtime.js';

const folder = join(checkout, 'test', 'bench');

/** Runs one bench; with `--json` nothing but its last line, one JSON object, reaches standard output. */
async function main(args) {
  const json = args.includes('--json');
  const [name, ...rest] = args.filter((arg) => arg !== '--json');
  const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.ts')) : [];
  if (!name || !names.includes(`${name}.ts`)) {
    console.error(
      `usage: npm run bench -- NAME [--json], where NAME is one of: ${names.map((file) => file.slice(0, -3)).join(', ')}`,
    );
    return 2;
  }
  await bootstrap();
  const node = findNode();
  const command = ['--disable-warning=ExperimentalWarning', join(folder, `${name}.ts`), ...rest];
  const env = { ...environmentFor(node), UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16' };
  if (!json) return runChild(node, command, { cwd: checkout, env });
  return lastLineOnly(node, command, { cwd: checkout, env });
}

function lastLineOnly(node, command, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, command, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      console.log(output.trimEnd().split('\n').at(-1));
      resolve(code ?? 1);
    });
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`npm run bench: ${error.message}`);
  process.exitCode = 1;
}
