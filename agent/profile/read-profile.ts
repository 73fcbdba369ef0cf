/**
 * Program of its own: reads and checks the profiles that its argument names (`ProfileQuestion` as JSON) and prints the
 * result, or what is wrong, as one JSON object.
 */
import { writeSync } from 'node:fs';
import { SextantError } from '../../errors/sextant-error.ts';
import { answerProfile } from './pushed/answer.ts';
import type { ProfileAnswer } from './read.ts';

let answer: ProfileAnswer;
try {
  answer = answerProfile(JSON.parse(process.argv.at(-1) ?? '{}'));
} catch (error) {
  if (!(error instanceof SextantError)) throw error;
  answer = { fault: error.message, nextStep: error.nextStep };
}
const bytes = Buffer.from(JSON.stringify(answer));
for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
process.exit(0);
