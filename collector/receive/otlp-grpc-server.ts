import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type Server as TlsServer } from 'node:tls';
import {
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { type Signal, signals } from '../../protocol/headers.ts';
import type { ServerTls } from '../api/https-server.ts';
import { exportResponse } from './export-response.ts';
import { grpcStatus } from './grpc-status.ts';
import { defaultBodyMs, drainMs, type OtlpServer, type OtlpServerParts } from './otlp-http-server.ts';
import { createOtlpIntake, type Delivered, type IngestIdentity } from './otlp-intake.ts';
import { listenForOtlp } from './otlp-listening.ts';

const services: Record<Signal, string> = {
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
};
const asIs = (bytes: Buffer): Buffer => bytes;
const definition = (name: string): ServiceDefinition => ({
  Export: {
    path: `/${name}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
});
const second = 1000;
const maxConnections = 1024;
const handshakeTimeoutMs = 10 * second;

type Who = Pick<ServerUnaryCall<Buffer, Buffer>, 'getAuthContext'>;

/**
 * OTLP/gRPC: the bytes of a request are handed on as they came, once they are decompressed. Who sends is known before
 * any of them is read.
 */
export function createOtlpGrpcServer(parts: OtlpServerParts): OtlpServer {
  const { settings, log, identifyCaller, tls, bodyMs = defaultBodyMs } = parts;
  const intake = createOtlpIntake(parts);
  const maxBytes = settings['collector.limits.requestBytes'];

  const identify = (call: Who, metadata: Metadata): IngestIdentity => {
    const authorization = metadata.get('authorization')[0];
    return identifyCaller({
      authorization: authorization === undefined ? undefined : String(authorization),
      // Set for certificates of our authority only.
      fingerprint: call.getAuthContext().sslPeerCertificate?.fingerprint256,
    });
  };
  const server = new Server({
    'grpc.max_receive_message_length': maxBytes,
    'grpc.max_concurrent_streams': 32,
    'grpc.max_connection_idle_ms': 10 * 60 * second,
    // A connection whose other end has gone says nothing; this asks.
    'grpc.keepalive_time_ms': 60 * second,
    'grpc.keepalive_timeout_ms': 20 * second,
    interceptors: [refuseEarly(identify, bodyMs)],
  });
  for (const signal of signals) {
    const take: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      store(call, signal).then(
        ({ warning }) => callback(null, exportResponse('protobuf', warning)),
        (error) => {
          const answer = grpcStatus(error);
          if (answer.code === status.INTERNAL) log.error({ err: error, signal }, 'a gRPC call failed');
          callback(answer);
        },
      );
    };
    server.addService(definition(services[signal]), { Export: take });
  }
  const store = async (call: ServerUnaryCall<Buffer, Buffer>, signal: Signal): Promise<Delivered> => {
    const from = identify(call, call.metadata);
    const share = intake.openShare(from);
    try {
      share.take(call.request.length);
      // gRPC's own compression is undone by now.
      return await intake.deliver({
        signal,
        from,
        format: 'protobuf',
        body: call.request,
        encoding: undefined,
        headers: {},
        share,
      });
    } finally {
      share.release();
    }
  };

  // Behind our own listener: a client certificate may be there or not, which grpc-js's own credentials cannot say.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const listener = createListener(tls, (socket) => {
    socket.on('error', (error) => log.debug({ error: error.message }, 'a gRPC connection failed'));
    injector.injectConnection(socket);
  });
  listener.maxConnections = maxConnections;
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  listener.on('tlsClientError', (error: Error) => log.debug({ error: error.message }, 'a TLS handshake failed'));

  return {
    listen: (at) => listenForOtlp(listener, at),
    useCertificate(next) {
      if (tls) (listener as TlsServer).setSecureContext(secureContext(next));
    },
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      injector.drain(drainMs);
      await Promise.race([
        new Promise<void>((resolve) => server.tryShutdown(() => resolve())),
        new Promise<void>((resolve) => setTimeout(resolve, drainMs)),
      ]);
      injector.destroy();
      server.forceShutdown();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const secureContext = ({ chainPem, keyPem, authorityPem }: ServerTls): SecureContextOptions => ({
  cert: chainPem,
  key: keyPem,
  ca: authorityPem,
  minVersion: 'TLSv1.2',
});

function createListener(tls: ServerTls | undefined, accept: (socket: Socket) => void): NetServer {
  if (!tls) return createServer(accept);
  return createTlsServer(
    {
      ...secureContext(tls),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      handshakeTimeout: handshakeTimeoutMs,
    },
    accept,
  );
}

/** Answers whom nothing proves before the message is read, and whoever does not finish a message in time. */
const refuseEarly =
  (identify: (call: Who, metadata: Metadata) => IngestIdentity, bodyMs: number): ServerInterceptor =>
  (_method, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        let timer: NodeJS.Timeout | undefined;
        next({
          onReceiveMetadata(metadata, goOn) {
            try {
              identify(call, metadata);
            } catch (error) {
              call.sendStatus(grpcStatus(error));
              return;
            }
            timer = setTimeout(() => {
              call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'the request did not come in time' });
            }, bodyMs);
            goOn(metadata);
          },
          onReceiveHalfClose(goOn) {
            clearTimeout(timer);
            goOn();
          },
          onCancel: () => clearTimeout(timer),
        });
      },
    });
