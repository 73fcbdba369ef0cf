import { appendFileSync, copyFileSync, existsSync, readdirSync, renameSync, truncateSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * A process that writes numbered lines and rotates its file: by rename, by copytruncate, and by deleting it.
 *
 * Arguments: path, generations, lines in each, milliseconds for a generation. Prints a line of JSON when a generation
 * is over. Before it deletes a file it prints `{"deleting": generation}` and waits for a line on its standard input:
 * what is deleted while nobody follows it is nobody's loss to prevent.
 */
const [path = '', generations = '', lines = '', milliseconds = ''] = process.argv.slice(2);
const ends = ['rename', 'copytruncate', 'recreate'] as const;
const bursts = 10;
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (what: object) => console.log(JSON.stringify(what));

/** `numbered.log` becomes `numbered.log.1` and so on, as logrotate names them; none is deleted. */
function makeRoomForFirst(): void {
  const name = basename(path);
  const rotations = readdirSync(dirname(path)).filter((found) => found.startsWith(`${name}.`)).length;
  for (let number = rotations; number > 0; number -= 1) {
    if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, join(dirname(path), `${name}.${number + 1}`));
  }
}

for (let generation = 1; generation <= Number(generations); generation += 1) {
  let line = 0;
  for (let burst = 1; burst <= bursts; burst += 1) {
    let text = '';
    while (line < (Number(lines) * burst) / bursts) text += `generation ${generation} numbered ${++line}\n`;
    appendFileSync(path, text);
    await pause(Number(milliseconds) / bursts);
  }
  // The last one stays under its name.
  const end = generation < Number(generations) ? ends[generation % ends.length] : 'none';
  if (end === 'recreate') {
    say({ deleting: generation });
    await answers.next();
    unlinkSync(path);
  } else if (end !== 'none') {
    makeRoomForFirst();
    if (end === 'rename') renameSync(path, `${path}.1`);
    else {
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
    }
  }
  say({ generation, end, lines: line });
}
process.stdin.destroy();
