import koffi from 'koffi';

/** Runs under Wine: what the harness promises, told by Windows itself. */
const kernel32 = koffi.load('kernel32.dll');
const currentProcess = kernel32.func('uint32_t GetCurrentProcessId()');
console.log(
  JSON.stringify({
    platform: process.platform,
    ownProcess: currentProcess() === process.pid,
    args: process.argv.slice(2),
    greeting: process.env.GREETING,
  }),
);
console.error('to standard error');
process.exitCode = 7;
