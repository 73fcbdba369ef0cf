import { agentProgram } from './agent-program.js';
import { collectorProgram } from './collector-program.js';
import { runChild } from './run-child.js';
import { compileCache, findNode } from './runtime.js';

/**
 * Runs the command line with the Node it needs and resolves with its exit code.
 *
 * The channel (`ipc`) carries no messages: a program that runs for long sees it close when this process is killed,
 * and ends too, so that nothing is left behind.
 */
export function launch(args) {
  const { program, nodeFlags, variables } = programFor(args);
  return runChild(findNode(), ['--disable-warning=ExperimentalWarning', ...nodeFlags, program, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...compileCache, ...variables },
  });
}

const programFor = (args) => {
  const collector = collectorProgram();
  if (args[1] === 'run') return args[0] === 'agent' ? agentProgram() : collector;
  // What makes bundles where no agent or collector does has their small young generation: text that is redacted fills it all
  // the time, and at its full size it takes 50 MB more (`npm run bench -- bundle-memory`).
  const makesBundles = args[0] === 'bundle' || (args[0] === 'agent' && args[1] === 'collect');
  return { ...collector, nodeFlags: makesBundles ? collector.nodeFlags : [] };
};
