import type { Settings } from '../../config/settings.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { ServerTls } from '../api/https-server.ts';
import { createFingerprintIdentifier } from '../api/identify-node.ts';
import { createSenderIdentifier } from '../api/identify-sender.ts';
import type { NodeCertificates } from '../identity/node-certificates.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { Journal } from '../journal/journal.ts';
import type { ClientFigures } from './client-figures.ts';
import { createCallerIdentifier } from './otlp-caller.ts';
import { createOtlpGrpcServer } from './otlp-grpc-server.ts';
import { createOtlpHttpServer, type OtlpServer } from './otlp-http-server.ts';

interface OtlpReceiverParts {
  journal: Journal;
  certificates: Pick<NodeCertificates, 'find'>;
  tokens: Pick<Tokens, 'check'>;
  tls: ServerTls;
  settings: Settings;
  log: Log;
  nowMs: () => number;
  bodyMs?: number;
  clients?: ClientFigures;
}

/** OTLP from anything that speaks it, on the ports that are configured, and on none when none is. */
export interface OtlpReceiver {
  /** Returns the ports that are listened on. Throws SX_PORT_TAKEN and SX_CONFIG_INVALID. */
  start(): Promise<{ http?: number; grpc?: number }>;
  useCertificate(tls: ServerTls): void;
  close(): Promise<void>;
}

export function createOtlpReceiver(parts: OtlpReceiverParts): OtlpReceiver {
  const { settings, log } = parts;
  const plain = settings['collector.otlp.plain'];
  const host = settings['collector.otlp.listen'] || settings['collector.listen'];
  const identifyCaller = createCallerIdentifier(
    {
      identifySender: createSenderIdentifier(parts),
      nodeOfFingerprint: createFingerprintIdentifier(parts),
    },
    { plain },
  );
  const serverParts = { ...parts, identifyCaller, tls: plain ? undefined : parts.tls };
  const servers: OtlpServer[] = [];

  async function listen(server: OtlpServer, setting: 'collector.otlp.http.port' | 'collector.otlp.grpc.port') {
    servers.push(server);
    return server.listen({ host, port: settings[setting], setting });
  }

  return {
    async start() {
      const ports: { http?: number; grpc?: number } = {};
      const http = settings['collector.otlp.http.enabled'];
      const grpc = settings['collector.otlp.grpc.enabled'];
      if (!http && !grpc) return ports;
      if (plain && !isLoopback(host)) {
        throw new SextantError('SX_CONFIG_INVALID', `collector.otlp.plain: ${host} is no loopback address`, {
          nextStep: 'set collector.otlp.listen to 127.0.0.1, or leave collector.otlp.plain false',
        });
      }
      if (http) ports.http = await listen(await createOtlpHttpServer(serverParts), 'collector.otlp.http.port');
      if (grpc) ports.grpc = await listen(createOtlpGrpcServer(serverParts), 'collector.otlp.grpc.port');
      log.info({ host, plain, ...ports }, 'OTLP is taken');
      return ports;
    },
    useCertificate(tls) {
      for (const server of servers) server.useCertificate(tls);
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** An address itself, not a name: what a name leads to can change. */
const isLoopback = (host: string): boolean => /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host) || host === '::1';
