import { openSync, readSync, writeSync } from 'node:fs';

/** Lines of about 120 bytes as a service writes them. */
export function writeLines(path: string, lines: number): void {
  const descriptor = openSync(path, 'w');
  for (let done = 0; done < lines; done += 10_000) {
    const time = new Date().toISOString();
    let text = '';
    for (let index = done; index < Math.min(lines, done + 10_000); index += 1) {
      text += `${time} INFO floodline ${index} request served path=/api/v1/items/${index % 977} status=200 took=${index % 89}ms\n`;
    }
    writeSync(descriptor, text);
  }
}

/** The least that reading lines can cost in Node: chunks, decoded, cut at line ends, nothing done. CPU seconds. */
export function readPlainly(path: string): number {
  const started = process.cpuUsage();
  const descriptor = openSync(path, 'r');
  const buffer = Buffer.alloc(256 * 1024);
  let held = '';
  let lines = 0;
  for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
    const pieces = (held + buffer.toString('utf8', 0, length)).split('\n');
    held = pieces.pop() ?? '';
    lines += pieces.length;
  }
  if (lines === 0) throw new Error('BUG: the plain reader found no lines');
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}
