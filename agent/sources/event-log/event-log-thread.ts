/** A thread of its own: Windows' calls wait, and nothing else may wait for them. Started by source-windows.ts. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createChannelsLoop } from './channels-loop.ts';
import type { EventLogApi } from './event-log-api.ts';
import type { FromThread, ThreadOptions, ToThread } from './thread-messages.ts';

async function readEventLog(port: MessagePort, options: ThreadOptions): Promise<void> {
  const send = (message: FromThread): void => port.postMessage(message);
  let api: EventLogApi;
  try {
    // Here alone, since koffi is not there on every platform.
    const { openWevtapi } = await import('./wevtapi.ts');
    api = openWevtapi();
  } catch (error) {
    send({ type: 'absent', detail: `this machine has no event log: ${(error as Error).message}` });
    return;
  }
  const positions = new Map<number, (position: string | undefined) => void>();
  const loop = createChannelsLoop({
    api,
    options,
    send,
    nowMs: Date.now,
    askPosition: (index, channel) =>
      new Promise((resolve) => {
        positions.set(index, resolve);
        send({ type: 'opening', index, channel });
      }),
  });
  port.on('message', (message: ToThread) => {
    if (message.type === 'done') loop.done();
    else if (message.type === 'position') positions.get(message.index)?.(message.position);
    else if (message.type === 'ping') send({ type: 'pong' });
    else loop.stop();
  });
  await loop.run();
  api.close();
}

if (parentPort) {
  await readEventLog(parentPort, workerData as ThreadOptions);
  parentPort.close();
}
