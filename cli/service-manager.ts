import { notifySocket, watchdogUsec } from '../config/environment.ts';

/** What systemd is told of a service of `Type=notify` (sd_notify(3)). */
export interface ServiceManager {
  ready(status: string): void;
  stopping(): void;
  close(): void;
}

/** AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC and MSG_NOSIGNAL of Linux. */
const [unix, datagramCloexec, noSignal] = [1, 2 | 0o2000000, 0x4000];
const pathBytes = 108;

/**
 * Connects to the service manager that started this process; undefined when none did. Then the watchdog is fed from the
 * event loop, from now on: a loop that hangs feeds nothing.
 *
 * Node has no datagram sockets in the file system, so libc is called through koffi; a process per message
 * (systemd-notify) would need NotifyAccess=all.
 */
export async function connectToServiceManager(): Promise<ServiceManager | undefined> {
  const socketPath = notifySocket();
  if (process.platform !== 'linux' || socketPath === undefined) return undefined;
  const { default: koffi } = await import('koffi');
  const libc = koffi.load('libc.so.6');
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const sendto = libc.func(
    'int64_t sendto(int socket, const void *bytes, size_t length, int flags, const void *address, uint32_t size)',
  );
  const closeSocket = libc.func('int close(int socket)');
  const address = addressOf(socketPath);
  const descriptor: number = socket(unix, datagramCloexec, 0);
  if (descriptor < 0) return undefined;

  // What cannot be sent is left out: a service must not end because its manager does not listen.
  function send(text: string): void {
    const bytes = Buffer.from(text);
    sendto(descriptor, bytes, bytes.length, noSignal, address, address.length);
  }

  const usec = watchdogUsec();
  // Twice within the limit, as sd_watchdog_enabled(3) advises.
  const timer = usec === undefined ? undefined : setInterval(() => send('WATCHDOG=1'), usec / 2000).unref();
  return {
    ready: (status) => send(`READY=1\nSTATUS=${status}`),
    stopping: () => send('STOPPING=1\nSTATUS=Writing down what was collected'),
    close() {
      clearInterval(timer);
      closeSocket(descriptor);
    },
  };
}

/** struct sockaddr_un; `@name` is a socket that has no file. */
function addressOf(path: string): Buffer {
  const name = Buffer.from(path);
  if (path.startsWith('@')) name[0] = 0;
  const address = Buffer.alloc(2 + Math.min(name.length, pathBytes));
  address.writeUInt16LE(unix, 0);
  name.copy(address, 2);
  return address;
}
