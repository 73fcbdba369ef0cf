import type { RedactionRule } from '../rule.ts';
import { commandOptionRules } from './command-options.ts';
import { passwordInputRules } from './password-input.ts';
import { toolOptionRules } from './tool-options.ts';
import { windowsCommandRules } from './windows-commands.ts';

/** What stands on command lines: Windows event 4688, PowerShell transcripts, shell histories, process lists, sudo. */
export const commandRules: readonly RedactionRule[] = [
  ...windowsCommandRules,
  ...commandOptionRules,
  ...toolOptionRules,
  ...passwordInputRules,
];
