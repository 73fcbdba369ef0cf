/**
 * Program of its own: answers every question of the inventory, one JSON line each, as soon as it has the answer.
 * A question that fails is a line with `error`. What a hanging one has held up, the caller learns from the silence.
 */
import { writeSync } from 'node:fs';
import { plain, questions } from './questions.ts';

for (const [name, ask] of Object.entries(questions)) {
  let line: { name: string; facts?: unknown; error?: string };
  try {
    line = { name, facts: plain(await ask()) };
  } catch (error) {
    line = { name, error: error instanceof Error ? error.message : String(error) };
  }
  try {
    writeSync(1, `${JSON.stringify(line)}\n`);
  } catch (error) {
    // Whoever reads has seen enough (`sextant agent inventory | head`).
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
    throw error;
  }
}
process.exit(0);
