/**
 * The Windows service as it is registered. The MSI's source (scripts/msi/) takes its names from here.
 */
export const service = {
  name: 'SextantAgent',
  displayName: 'Sextant Agent',
  description: 'Collects telemetry of this node and sends it to the Sextant collector of the site.',
  /** Pauses before the first, the second and every later restart after a failure. */
  restartAfterMs: [5_000, 30_000, 120_000],
  /** A failure counts as the first again after this long without one. */
  forgetFailuresAfterSeconds: 86_400,
  /** How long a shutdown of Windows waits for the spool to be flushed. */
  preshutdownTimeoutMs: 20_000,
  /**
   * All that the token of the service keeps of LocalSystem's privileges: to pass through folders, to read logs that
   * name no reader, and to read the Security log where a profile asks for it.
   */
  privileges: ['SeChangeNotifyPrivilege', 'SeBackupPrivilege', 'SeSecurityPrivilege'],
} as const;

/** Events of the Application log, by the numbers that administrators filter for; never renumbered. */
export const events = {
  started: { id: 1, type: 'information' },
  stopped: { id: 2, type: 'information' },
  startFailed: { id: 3, type: 'error' },
  crashed: { id: 4, type: 'error' },
  enrolled: { id: 5, type: 'information' },
  enrolmentFailed: { id: 6, type: 'error' },
  configured: { id: 7, type: 'warning' },
  notEnrolled: { id: 8, type: 'warning' },
} as const;
