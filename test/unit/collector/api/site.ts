import { webcrypto } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { FastifyPluginAsync } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { checkPushedText } from '../../../../agent/profile/pushed/layers.ts';
import { auditRoutes } from '../../../../collector/api/audit-routes.ts';
import { enrollRoutes } from '../../../../collector/api/enroll-routes.ts';
import { createNodeIdentifier } from '../../../../collector/api/identify-node.ts';
import { createSenderIdentifier } from '../../../../collector/api/identify-sender.ts';
import { createUserIdentifier } from '../../../../collector/api/identify-user.ts';
import { nodeRoutes } from '../../../../collector/api/node-routes.ts';
import { profileRoutes } from '../../../../collector/api/profile-routes.ts';
import { createServer } from '../../../../collector/api/server.ts';
import { sessionRoutes } from '../../../../collector/api/session-routes.ts';
import { tokenRoutes } from '../../../../collector/api/token-routes.ts';
import { controlRoutes } from '../../../../collector/control/control-routes.ts';
import { createControlHub } from '../../../../collector/control/hub.ts';
import type { Enrollment } from '../../../../collector/identity/enrollment.ts';
import { exportPrivateKey, generateKeys } from '../../../../collector/identity/keys.ts';
import { openIdentity } from '../../../../collector/identity/open-identity.ts';
import { hashSecret } from '../../../../collector/identity/secret.ts';
import { x509 } from '../../../../collector/identity/x509.ts';
import { createPeerRegistry } from '../../../../collector/nodes/peer-registry.ts';
import { createNodeRegistry } from '../../../../collector/nodes/registry.ts';
import { createProfileKeys } from '../../../../collector/profiles/profile-keys.ts';
import { createPushedProfiles } from '../../../../collector/profiles/pushed-profiles.ts';
import { createAuditTrail } from '../../../../collector/state/audit.ts';
import { openState } from '../../../../collector/state/state.ts';
import { loadSettings } from '../../../../config/load.ts';
import type { Log } from '../../../../logging/log.ts';

export const silentLog = pino({ level: 'silent' });
export const localToken = 'the-token-of-endpoint-json';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  json: any;
}

export interface NodeKeys {
  csr: string;
  key: string;
}

/** A fresh P-256 key and a request signed with it, whose names nobody should believe. */
export async function makeRequest(): Promise<NodeKeys> {
  const keys = await generateKeys();
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=some-other-node',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return { csr: csr.toString('pem'), key: await exportPrivateKey(keys.privateKey) };
}

/** A self-signed client certificate: a stranger's. */
export async function makeStranger(): Promise<{ cert: string; key: string }> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=alpha', keys });
  return { cert: certificate.toString('pem'), key: await exportPrivateKey(keys.privateKey) };
}

/**
 * A collector's identity, control and API parts behind a real TLS port, without storage: everything but the engine
 * as it runs. The clock can be moved.
 */
export async function startSite(
  options: {
    describe?: FastifyPluginAsync;
    plugins?: FastifyPluginAsync[];
    drainMs?: number;
    headersMs?: number;
    strangerBodyMs?: number;
    log?: Log;
  } = {},
) {
  const clock = { offsetMs: 0 };
  const nowMs = () => Date.now() + clock.offsetMs;
  const folder = mkdtempSync(join(tmpdir(), 'sextant-site-'));
  const state = openState(folder, { nowMs });
  const audit = createAuditTrail(state, { nowMs });
  const settings = loadSettings({ dataDir: folder, overrides: { 'site.name': 'test' } });
  const profileKeys = createProfileKeys(join(folder, 'keys'));
  const { authority, certificates, tokens, sessions, desk, serverTls } = await openIdentity(
    folder,
    { state, audit: audit.record, settings, log: silentLog },
    { nowMs, onEnrolled: (node) => registry.enrolled(node), profileKey: () => profileKeys.current().publicKey.line },
  );
  const registry = createNodeRegistry(
    { state, certificates },
    { nowMs, onSaveFailed: () => {} },
    { silentAfterMs: 30_000 },
  );
  const peers = createPeerRegistry(
    { state, configured: [] },
    { nowMs, onSaveFailed: () => {}, onTooMany: () => {} },
    { silentAfterMs: 30_000, forgetAfterMs: 86_400_000 },
  );
  const hub = createControlHub({ onHandlerError: () => {} });
  hub.onMessage((node, message) => {
    if (message.type === 'hello' || message.type === 'heartbeat' || message.type === 'inventory') {
      registry.heard(node, message);
    }
  });
  const profiles = createPushedProfiles(
    { state, keys: profileKeys, hub, nodeNames: () => registry.list().map(({ node }) => node), audit: audit.record },
    { check: checkPushedText, nowMs, log: silentLog },
  );
  const { tls } = await serverTls();
  const server = await createServer({
    tls,
    log: options.log ?? silentLog,
    identify: {
      identifyNode: createNodeIdentifier({ certificates, nowMs }),
      identifySender: createSenderIdentifier({ tokens }),
      identifyUser: createUserIdentifier({ tokens, sessions, localTokenHash: hashSecret(localToken) }),
      onNode: registry.seen,
    },
    plugins: [
      ...(options.describe ? [options.describe] : []),
      sessionRoutes({ state, tokens, sessions, audit: audit.record, site: 'test', version: '0' }),
      tokenRoutes({ tokens, audit: audit.record, caFingerprint: authority.fingerprint }),
      enrollRoutes({ desk, authorityPem: authority.certificatePem }),
      nodeRoutes({ registry, peers, certificates, hub, audit: audit.record, isReady: () => true }),
      auditRoutes({ trail: audit }),
      profileRoutes({ profiles }),
      controlRoutes({ intake: hub.intake, nowMs, log: silentLog, seen: registry.seen, pingEveryMs: 50 }),
      ...(options.plugins ?? []),
    ],
    ...(options.drainMs === undefined ? {} : { drainMs: options.drainMs }),
    ...(options.strangerBodyMs === undefined ? {} : { strangerBodyMs: options.strangerBodyMs }),
    ...(options.headersMs === undefined ? {} : { headersMs: options.headersMs }),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });

  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await server.close();
    peers.close();
    registry.close();
    state.close();
  };
  onTestFinished(close);

  const call = (
    method: string,
    path: string,
    with_: {
      body?: unknown;
      headers?: Record<string, string>;
      cert?: string;
      key?: string;
      tls?: RequestOptions;
      onSocket?: (socket: TLSSocket) => void;
    } = {},
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const text = with_.body === undefined ? undefined : JSON.stringify(with_.body);
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          ca: authority.certificatePem,
          agent: false,
          ...(with_.cert === undefined ? {} : { cert: with_.cert, key: with_.key }),
          headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...with_.headers },
          ...with_.tls,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('error', reject);
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () => {
            const body = Buffer.concat(chunks).toString();
            let json: unknown;
            try {
              json = JSON.parse(body);
            } catch {
              json = undefined;
            }
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body, json });
          });
        },
      );
      sent.on('error', reject);
      sent.on('socket', (socket) => with_.onSocket?.(socket as TLSSocket));
      sent.end(text);
    });

  const asAdministrator = { authorization: `Bearer ${localToken}` };
  const createToken = async (body: Record<string, unknown>): Promise<string> => {
    const answer = await call('POST', '/api/v1/tokens', { body, headers: asAdministrator });
    return answer.json.token;
  };
  const enrollmentSecret = async (): Promise<string> => (await createToken({ kind: 'enroll' })).split('.')[2] ?? '';
  const enrollNode = async (hostName: string): Promise<Enrollment & { cert: string; key: string }> => {
    const { csr, key } = await makeRequest();
    const answer = await call('POST', '/api/v1/enroll', {
      body: { token: await enrollmentSecret(), csr, hostName, os: 'TestOS 1', version: '0.0.1' },
    });
    return { ...answer.json, cert: answer.json.certificate, key };
  };

  return {
    folder,
    port,
    clock,
    nowMs,
    state,
    audit,
    authority,
    certificates,
    tokens,
    sessions,
    registry,
    peers,
    desk,
    hub,
    profiles,
    server,
    tls,
    call,
    close,
    asAdministrator,
    createToken,
    enrollmentSecret,
    enrollNode,
  };
}

export type Site = Awaited<ReturnType<typeof startSite>>;

/** A key pair that no certificate of ours may have. */
export async function makeRsaRequest(): Promise<string> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = (await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])) as CryptoKeyPair;
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=x', keys, signingAlgorithm: algorithm });
  return csr.toString('pem');
}
