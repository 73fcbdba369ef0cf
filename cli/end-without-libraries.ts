import { flushCompileCache } from 'node:module';

/**
 * Lets this process end by `_exit`, without what C++ libraries do at the end. To be called before the storage engine is opened.
 *
 * The engine's threads go on when its connections are closed, and use what the exit handlers of libchdb (3.4) take down: of 69
 * imports onto a disk that filled, 11 ended by SIGSEGV after all had been said and closed, and 3 hung there for ever; of 72 that
 * ended by `_exit`, none (2026-11-29). What counts is on disk by then, and handlers of the event `exit` have run.
 */
export async function endWithoutLibraries(): Promise<void> {
  if (process.platform !== 'linux') return;
  const { default: koffi } = await import('koffi');
  const end = koffi.load('libc.so.6').func('void _exit(int status)');
  const onExit = (code: number): void => {
    // This one ends the process: those that came after it have their turn first.
    const all = process.listeners('exit');
    for (const later of all.slice(all.indexOf(onExit) + 1)) later.call(process, code);
    flushCompileCache();
    end(Number(process.exitCode ?? code));
  };
  process.on('exit', onExit);
}
