import { execFile } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { deviceNumberText } from './block-device.ts';
import type { Drive, EjectStep } from './drive.ts';

const run = promisify(execFile);
const withinMs = 120_000;

/** First of these commands that works; otherwise what the last one said. */
async function first(commands: [string, string[]][]): Promise<{ done: boolean; detail: string }> {
  let detail = '';
  for (const [program, args] of commands) {
    try {
      await run(program, args, { timeout: withinMs });
      return { done: true, detail: [program, ...args].join(' ') };
    } catch (error) {
      const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string };
      // The reason of a program that is there counts for more than that another is missing.
      if (code !== 'ENOENT') detail = (stderr || message).trim().split('\n')[0] ?? '';
      else detail ||= `${program} is not installed`;
    }
  }
  return { done: false, detail };
}

/** sync(1), umount(8) or udisks for those who may not, and the power of a USB device where someone may switch it. */
export async function ejectLinux(drive: Drive): Promise<EjectStep[]> {
  const steps: EjectStep[] = [{ step: 'sync', ...(await first([['sync', ['-f', drive.path]]])) }];
  const unmounted = await first([
    ['umount', [drive.path]],
    ['udisksctl', ['unmount', '--no-user-interaction', '-b', drive.device]],
    ['fusermount', ['-u', drive.path]],
    ['fusermount3', ['-u', drive.path]],
  ]);
  steps.push({ step: 'unmount', ...unmounted });
  if (unmounted.done && drive.bus === 'usb') steps.push({ step: 'power-off', ...(await powerOff(drive)) });
  return steps;
}

async function powerOff(drive: Drive): Promise<{ done: boolean; detail: string }> {
  const asked = await first([['udisksctl', ['power-off', '--no-user-interaction', '-b', drive.device]]]);
  if (asked.done) return asked;
  try {
    // Tells the kernel to let the disk go, which flushes its cache and stops it.
    const { rdev } = await stat(drive.device);
    const path = `/sys/dev/block/${deviceNumberText(rdev)}`;
    const disk = await stat(`${path}/partition`).then(
      () => `${path}/..`,
      () => path,
    );
    await writeFile(`${disk}/device/delete`, '1');
    return { done: true, detail: 'the kernel let the disk go' };
  } catch (error) {
    return { done: false, detail: `${asked.detail}; ${(error as Error).message}` };
  }
}
