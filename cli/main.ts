import { runProgram } from './program.ts';
import { sextantProgram } from './sextant-program.ts';

await runProgram(sextantProgram());
