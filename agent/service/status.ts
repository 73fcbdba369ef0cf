/** SERVICE_* states of winsvc.h. */
const states = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;
/** SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN */
const acceptedWhileRunning = 0x1 | 0x100;
const ownProcess = 0x10;
/** ERROR_SERVICE_SPECIFIC_ERROR: the number that counts is the second one. */
const specificError = 1066;

const checkpointEveryMs = 1_000;
/** The service manager takes a service for hung when this passes without a new checkpoint. */
const waitHintMs = 15_000;

/** The seven numbers of SERVICE_STATUS, in their order. */
export type ServiceStatusNumbers = readonly [number, number, number, number, number, number, number];

export interface ServiceStatus {
  /** START_PENDING or STOP_PENDING, and from then on a checkpoint every second, so that nobody takes it for hung. */
  pending(what: 'startPending' | 'stopPending'): void;
  running(): void;
  /** The last status there is; a code other than 0 makes the service manager take its failure actions. */
  stopped(exitCode: number): void;
}

/** Tells the service manager how the service is. `set` is SetServiceStatus. */
export function createServiceStatus(set: (status: ServiceStatusNumbers) => void): ServiceStatus {
  let timer: NodeJS.Timeout | undefined;

  function report(state: keyof typeof states, checkpoint: number, exitCode = 0): void {
    set([
      ownProcess,
      states[state],
      state === 'running' ? acceptedWhileRunning : 0,
      exitCode === 0 ? 0 : specificError,
      exitCode,
      checkpoint,
      checkpoint > 0 ? waitHintMs : 0,
    ]);
  }

  return {
    pending(what) {
      clearInterval(timer);
      let checkpoint = 1;
      report(what, checkpoint);
      timer = setInterval(() => {
        checkpoint += 1;
        report(what, checkpoint);
      }, checkpointEveryMs);
    },
    running() {
      clearInterval(timer);
      report('running', 0);
    },
    stopped(exitCode) {
      clearInterval(timer);
      report('stopped', 0, exitCode);
    },
  };
}
