import { createSocket, type RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Log } from '../../../logging/log.ts';
import type { Intake } from './intake.ts';
import { listenFailure } from './listen-failure.ts';
import { plainAddress, type SyslogPeers } from './peers.ts';
import type { Refusals } from './refusals.ts';

export interface DatagramListener {
  /** Returns the port. Throws SX_PORT_TAKEN. */
  listen(at: { host: string; port: number }): Promise<number>;
  close(): Promise<void>;
}

/** What the kernel keeps while this process is busy; it may grant less. */
const kernelBufferBytes = 4 * 1024 * 1024;

/**
 * Takes syslog over UDP (RFC 5426), a message a datagram. Nobody can be told to wait: what there is no room for is
 * dropped and counted. Addresses can be forged; that is UDP.
 */
export function createDatagramListener(
  parts: { intake: Intake; peers: SyslogPeers; refusals: Refusals; log: Log },
  options: { host: string; maxMessageBytes: number },
): DatagramListener {
  const { intake, peers, refusals, log } = parts;
  const socket = createSocket({
    type: isIPv6(options.host) ? 'udp6' : 'udp4',
    recvBufferSize: kernelBufferBytes,
  });
  let open = false;

  socket.on('message', (datagram: Buffer, from: RemoteInfo) => {
    const address = plainAddress(from.address);
    const peer = peers.identify({ address });
    if (peer === undefined) {
      refusals.refuse({ address, transport: 'udp', why: 'it is no peer' });
      return;
    }
    if (!intake.hasRoom()) {
      intake.drop(peer);
      return;
    }
    let size = datagram.length;
    while (size > 0 && [0, 10, 13].includes(datagram[size - 1] ?? 0)) size -= 1;
    if (size === 0) return;
    const bytes = datagram.subarray(0, Math.min(size, options.maxMessageBytes));
    intake.take({ bytes, cutBytes: size - bytes.length }, { peer, address, transport: 'udp' });
  });

  return {
    async listen({ host, port }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      socket.once('error', reject);
      socket.bind({ address: host, port }, resolve);
      await promise.catch((cause) => {
        socket.close();
        throw listenFailure(cause, { host, port, transport: 'UDP' });
      });
      open = true;
      socket.off('error', reject);
      socket.on('error', (error) => log.error({ err: error }, 'the syslog listener failed'));
      return socket.address().port;
    },
    async close() {
      if (!open) return;
      open = false;
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}
