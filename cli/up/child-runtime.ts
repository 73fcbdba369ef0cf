import { agentProgram } from '../../scripts/agent-program.js';
import { collectorProgram } from '../../scripts/collector-program.js';

/** How one of the programs is started: its file, and Node itself. */
export interface ChildRuntime {
  program: string;
  nodeFlags: string[];
  variables: Record<string, string>;
}

export const collectorRuntime = (): ChildRuntime => collectorProgram();

export const agentRuntime = (): ChildRuntime => agentProgram();
