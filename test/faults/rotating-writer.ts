import { appendFileSync, copyFileSync, existsSync, readdirSync, renameSync, truncateSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * A process that writes numbered lines and rotates its file: by rename, by copytruncate, and by deleting it.
 *
 * Arguments: path, generations, lines in each. Prints one line of JSON a generation when it is over.
 */
const [path = '', generations = '', lines = ''] = process.argv.slice(2);
const ends = ['rename', 'copytruncate', 'recreate'] as const;
const bursts = 10;

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
    await pause(100);
  }
  const end = ends[generation % ends.length];
  // The last one stays under its name.
  if (generation < Number(generations)) {
    if (end !== 'recreate') makeRoomForFirst();
    if (end === 'rename') renameSync(path, `${path}.1`);
    else if (end === 'recreate') unlinkSync(path);
    else {
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
    }
  }
  console.log(JSON.stringify({ generation, end, lines: line }));
}
