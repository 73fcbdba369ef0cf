// Stands in for powershell.exe: `stand-in.js -File SCRIPT [ARGUMENTS]` does what the script's text says in JSON:
// {"print": text} {"exit": code, "error": text} {"hang": true} {"flood": true} {"child": file} {"arguments": true}
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const at = process.argv.indexOf('-File');
const [script, ...rest] = process.argv.slice(at + 1);
const order = JSON.parse(readFileSync(script, 'utf8'));
if (order.arguments) process.stdout.write(JSON.stringify({ arguments: rest }));
if (order.print !== undefined) process.stdout.write(order.print);
if (order.bytes !== undefined) process.stdout.write(Buffer.from(order.bytes, 'hex'));
if (order.error !== undefined) process.stderr.write(order.error);
if (order.flood) {
  const line = `${'x'.repeat(8191)}\n`;
  const pour = () => {
    while (process.stdout.write(line));
    process.stdout.once('drain', pour);
  };
  pour();
}
if (order.child) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
  writeFileSync(order.child, String(child.pid));
}
if (order.hang || order.child) setInterval(() => {}, 1000);
else if (!order.flood) process.exitCode = order.exit ?? 0;
