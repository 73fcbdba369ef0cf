/** What the operating system holds the agent to. */
export interface AppliedLimits {
  /** In words, one each: what holds. */
  holds: string[];
  /** What could not be set, and why. */
  missing: string[];
}

export interface WantedLimits {
  memoryBytes: number;
  /** Of one processor. */
  cpuPercent: number;
}

/**
 * Asks the operating system to hold this process to its limits: the last resort behind what the agent does by itself
 * (shedding.ts). What is not allowed is named, never a failure.
 */
export async function applyProcessLimits(wanted: WantedLimits): Promise<AppliedLimits> {
  try {
    if (process.platform === 'win32') return (await import('./limits-windows.ts')).applyWindowsLimits(wanted);
    if (process.platform === 'linux') return (await import('./limits-linux.ts')).applyLinuxLimits(wanted);
  } catch (error) {
    return { holds: [], missing: [(error as Error).message] };
  }
  return { holds: [], missing: [`not implemented on ${process.platform}`] };
}
