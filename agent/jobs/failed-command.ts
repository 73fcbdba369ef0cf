/** How programs say that this machine has no such thing, which is no gap. */
const absence =
  /not been booted with systemd|failed to connect to (?:system scope |d-?)?bus|can't operate|no such (?:device|file or directory)|not supported|command not found|no journal files|could not open device|cannot (?:open|access) .*\/dev\/|no medium found|unable to open database|no permissions to check for journal|not running/i;
const denial =
  /permission denied|operation not permitted|must be (?:run as )?root|only root|not permitted|access denied|a password is required/i;

/** What a program's failure means, by what it said and whether it printed anything. */
export function failedState(errorText: string, bytes: number): 'partial' | 'denied' | 'absent' | 'failed' {
  const state = denial.test(errorText) ? 'denied' : absence.test(errorText) ? 'absent' : 'failed';
  return bytes > 0 && state !== 'absent' ? 'partial' : state;
}
