import type { Settings } from '../../../config/settings.ts';
import type { Log } from '../../../logging/log.ts';
import type { ServerTls } from '../../api/https-server.ts';
import type { Journal } from '../../journal/journal.ts';
import { createDatagramListener, type DatagramListener } from './datagram-listener.ts';
import { createIntake } from './intake.ts';
import { createOutbox } from './outbox.ts';
import { createPeerCounts, type PeerFigures } from './peer-counts.ts';
import { peerNode, type SyslogPeers } from './peers.ts';
import { createRefusals } from './refusals.ts';
import { createStreamListener, type StreamListener } from './stream-listener.ts';
import { openTimeZone } from './time-zone.ts';

export interface SyslogCapabilities {
  journal: Pick<Journal, 'append'>;
  tls: ServerTls;
  settings: Settings;
  log: Log;
  nowMs: () => number;
  peers: SyslogPeers;
  /** Told of every message of a peer that is taken. */
  heard: (peer: string) => void;
}

export interface SyslogFigures {
  peers: ReadonlyMap<string, Readonly<PeerFigures>>;
  connections: number;
  refused: number;
}

/** Takes syslog on the ports that are configured, and on none when none is. */
export interface SyslogReceiver {
  /** Returns the ports that are listened on. Throws SX_PORT_TAKEN and SX_CONFIG_INVALID. */
  start(): Promise<{ tls?: number; tcp?: number; udp?: number }>;
  useCertificate(tls: ServerTls): void;
  figures(): SyslogFigures;
  /** Takes nothing more, and makes durable what it has taken. */
  close(): Promise<void>;
}

/** What is left is given up at close when the journal has taken nothing for this long. */
const durable = { stillMs: 350, atMostMs: 750 };

export function createSyslogReceiver(capabilities: SyslogCapabilities): SyslogReceiver {
  const { journal, settings, log, nowMs, peers, heard } = capabilities;
  const zone = openTimeZone(settings['collector.syslog.zone']);
  const counts = createPeerCounts();
  const refusals = createRefusals({ log, nowMs });
  const prefix = peerNode('').length;
  const outbox = createOutbox({
    journal,
    log,
    onDropped: (node, records) => counts.dropped(node.slice(prefix), records),
  });
  const intake = createIntake({ outbox, counts, zone, nowMs, heard });
  const host = settings['collector.listen'];
  const maxMessageBytes = settings['collector.syslog.maxMessageBytes'];
  const streamOptions = {
    maxMessageBytes,
    idleTimeoutMs: settings['collector.syslog.idleTimeout'],
    maxConnections: settings['collector.syslog.maxConnections'],
  };
  const streamParts = { intake, peers, refusals, log, nowMs };
  const streams: StreamListener[] = [];
  const datagrams: DatagramListener[] = [];

  return {
    async start() {
      const ports: { tls?: number; tcp?: number; udp?: number } = {};
      if (settings['collector.syslog.tls.enabled']) {
        const secure = createStreamListener(streamParts, streamOptions, capabilities.tls);
        ports.tls = await secure.listen({ host, port: settings['collector.syslog.tls.port'] });
        streams.push(secure);
      }
      if (settings['collector.syslog.tcp.enabled']) {
        const plain = createStreamListener(streamParts, streamOptions);
        ports.tcp = await plain.listen({ host, port: settings['collector.syslog.tcp.port'] });
        streams.push(plain);
      }
      if (settings['collector.syslog.udp.enabled']) {
        const datagram = createDatagramListener({ intake, peers, refusals, log }, { host, maxMessageBytes });
        ports.udp = await datagram.listen({ host, port: settings['collector.syslog.udp.port'] });
        datagrams.push(datagram);
      }
      if (Object.keys(ports).length > 0) log.info({ host, ...ports }, 'syslog is taken');
      return ports;
    },
    useCertificate(tls) {
      for (const stream of streams) stream.useCertificate(tls);
    },
    figures: () => ({
      peers: counts.all(),
      connections: streams.reduce((sum, stream) => sum + stream.connections(), 0),
      refused: refusals.count(),
    }),
    async close() {
      await Promise.all([...streams, ...datagrams].map((listener) => listener.close()));
      await intake.settle(durable);
      await outbox.close(durable);
    },
  };
}
