import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyPluginAsync } from 'fastify';
import { checkPushedText } from '../agent/profile/pushed/layers.ts';
import { programEnvironment } from '../config/environment.ts';
import type { Settings } from '../config/settings.ts';
import { version } from '../config/version.ts';
import { lockFolder } from '../durable/folder-lock.ts';
import { freeBytes } from '../durable/free-space.ts';
import type { Log } from '../logging/log.ts';
import { createMediaProcesses } from '../media/process/media-process.ts';
import { createAlerts } from './alerts/alerts.ts';
import { alertRoutes } from './api/alerts-routes.ts';
import { auditRoutes } from './api/audit-routes.ts';
import { bundleRoutes } from './api/bundle-routes.ts';
import { bundleScheduleRoutes } from './api/bundle-schedule-routes.ts';
import { dashboardFiles } from './api/dashboard-files.ts';
import { publishEndpoint } from './api/endpoint-file.ts';
import { enrollRoutes } from './api/enroll-routes.ts';
import { exportRoutes } from './api/export-routes.ts';
import { createNodeIdentifier } from './api/identify-node.ts';
import { createSenderIdentifier } from './api/identify-sender.ts';
import { createUserIdentifier } from './api/identify-user.ts';
import { logTailRoutes } from './api/log-tail-routes.ts';
import { logRoutes } from './api/logs-routes.ts';
import { metricRoutes } from './api/metrics-routes.ts';
import { nodeRoutes } from './api/node-routes.ts';
import { apiDescription } from './api/openapi/api-description.ts';
import { profileRoutes } from './api/profile-routes.ts';
import { prometheusRoutes } from './api/prometheus-routes.ts';
import { quarantineRoutes } from './api/quarantine-routes.ts';
import { createServer } from './api/server.ts';
import { sessionRoutes } from './api/session-routes.ts';
import { sqlRoutes } from './api/sql-routes.ts';
import { storageRoutes } from './api/storage-routes.ts';
import { tokenRoutes } from './api/token-routes.ts';
import { createBundleJobs } from './bundles/bundle-jobs.ts';
import { createBundleSchedules } from './bundles/bundle-schedules.ts';
import { createBundleTriggers } from './bundles/bundle-triggers.ts';
import { createClosers } from './close-in-order.ts';
import { controlRoutes } from './control/control-routes.ts';
import { createControlHub } from './control/hub.ts';
import { createExportJobs } from './exports/export-jobs.ts';
import { openIdentity } from './identity/open-identity.ts';
import { keepCertificateFresh } from './identity/renewal.ts';
import { hashSecret, randomSecret } from './identity/secret.ts';
import { createPeerRegistry } from './nodes/peer-registry.ts';
import { createNodeRegistry } from './nodes/registry.ts';
import { openData } from './open-data.ts';
import { createProfileKeys } from './profiles/profile-keys.ts';
import { createPushedProfiles } from './profiles/pushed-profiles.ts';
import { createClientFigures } from './receive/client-figures.ts';
import { createOtlpReceiver } from './receive/otlp-receiver.ts';
import { receiveRoutes } from './receive/receive-routes.ts';
import { observeSyslog } from './receive/syslog/observe.ts';
import { createSyslogPeers } from './receive/syslog/peers.ts';
import { createSyslogReceiver } from './receive/syslog/syslog.ts';
import { recordRequestDurations } from './self/request-durations.ts';
import { startSelfTelemetry } from './self/start-self-telemetry.ts';
import { createDropReports, createQueryTimes } from './self/storage-figures.ts';
import { createAuditTrail } from './state/audit.ts';
import { createUpkeep } from './upkeep/upkeep.ts';

export interface CollectorOptions {
  dataDir: string;
  settings: Settings;
  log: Log;
}

export interface Collector {
  url: string;
  /** Under 4 s, whatever is still connected. */
  close(): Promise<void>;
}

/**
 * Starts the collector on `dataDir/collector`, which becomes the working folder of this process, and returns when it
 * answers. What cannot start leaves nothing running.
 * Throws SX_DATA_FOLDER_HELD, SX_DATA_FOLDER, SX_PORT_TAKEN.
 */
export async function startCollector({ dataDir, settings, log }: CollectorOptions): Promise<Collector> {
  const closers = createClosers(log);
  try {
    const url = await start(dataDir, settings, log, closers);
    return { url, close: () => closers.closeAll() };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function start(
  dataDir: string,
  settings: Settings,
  log: Log,
  closers: ReturnType<typeof createClosers>,
): Promise<string> {
  const nowMs = () => Date.now();
  const folder = resolve(dataDir, 'collector');
  const lock = lockFolder(folder, { role: 'sextant collector', nowMs: nowMs() });
  closers.add('folder lock', lock.close);
  // The engine keeps compiled Protobuf schemas in `__cache__` of the working folder, refuses every insert when it
  // cannot, and takes no setting for it (chDB 3.4).
  process.chdir(folder);
  process.umask(0o077);

  const drops = createDropReports();
  const queryTimes = createQueryTimes();
  const { state, store, journal } = await openData(
    folder,
    { settings, log, nowMs, closers },
    { freeBytes: () => freeBytes(folder), onDropped: drops.tell, onQueried: queryTimes.tell },
  );
  const trail = createAuditTrail(state, { nowMs });
  const audit = trail.record;

  const profileKeys = createProfileKeys(join(folder, 'keys'));
  const identity = await openIdentity(
    folder,
    { state, audit, settings, log },
    {
      nowMs,
      onEnrolled: (node) => registry.enrolled(node),
      profileKey: () => profileKeys.current().publicKey.line,
    },
  );
  const { authority, certificates, tokens, sessions } = identity;

  const registry = createNodeRegistry(
    { state, certificates },
    { nowMs, onSaveFailed: (error) => log.error({ err: error }, 'cannot save what nodes said') },
    { silentAfterMs: settings['collector.nodes.silentAfter'] },
  );
  registry.start();
  closers.add('node registry', registry.close);

  const syslogPeers = createSyslogPeers(settings['collector.syslog.peers'], { certificates, nowMs });
  const peers = createPeerRegistry(
    { state, configured: syslogPeers.names() },
    {
      nowMs,
      onSaveFailed: (error) => log.error({ err: error }, 'cannot save who sent syslog'),
      onTooMany: (peer) => log.warn({ peer }, 'too many syslog peers: nobody watches over this one and further ones'),
    },
    {
      silentAfterMs: settings['collector.syslog.silentAfter'],
      forgetAfterMs: Math.max(settings['collector.retention.logs'], settings['collector.syslog.silentAfter']),
    },
  );
  peers.start();
  closers.add('syslog peers', peers.close);

  const hub = createControlHub({ onHandlerError: (error) => log.error({ err: error }, 'a control handler failed') });
  hub.onMessage((node, message) => {
    if (message.type === 'hello' || message.type === 'heartbeat' || message.type === 'inventory') {
      registry.heard(node, message);
    }
  });

  const profiles = createPushedProfiles(
    { state, keys: profileKeys, hub, nodeNames: () => registry.list().map(({ node }) => node), audit },
    { check: checkPushedText, nowMs, log },
  );
  closers.add('pushed profiles', profiles.close);

  const alerts = createAlerts({ store, state, registry, peers, journal, log, nowMs }, settings);
  await alerts.start();
  closers.add('alerts', alerts.close);

  const bundles = createBundleJobs({
    folder: join(folder, 'bundles'),
    journalFolder: join(folder, 'journal'),
    keysFolder: join(folder, 'keys'),
    store,
    hub,
    registry,
    peers,
    alerts,
    audit: trail,
    state,
    settings,
    log,
    nowMs,
  });
  await bundles.start();
  // What a cancelled bundle leaves behind, the next start removes.
  closers.add('bundles', bundles.close, { withinMs: 700 });
  const triggers = createBundleTriggers(
    { alerts, jobs: bundles, log, nowMs },
    { perRuleMs: settings['collector.bundles.alerts.every'], perDay: settings['collector.bundles.alerts.perDay'] },
  );
  closers.add('bundle triggers', triggers.close, { withinMs: 700 });
  const schedules = createBundleSchedules({ jobs: bundles, state, audit, log, nowMs });
  closers.add('bundle schedules', schedules.close, { withinMs: 700 });

  const media = createMediaProcesses({ environment: programEnvironment() });
  const exports = createExportJobs(
    { bundles, media, tokens, state, audit, log, nowMs },
    {
      allowedDevices: settings['media.devices'],
      approvers: settings['media.approvers'],
      approvals: settings['media.approvals'],
    },
  );
  closers.add('exports', exports.close, { withinMs: 700 });

  const upkeep = createUpkeep({ folder, store, journal, database: state.database, audit, log, nowMs });
  closers.add('upkeep', upkeep.close, { withinMs: 700 });

  const clients = createClientFigures();
  const meter = startSelfTelemetry(
    { journal, store, registry, hub, clients, drops, queryTimes, audit },
    { settings, log, closers },
  );

  let ready = false;
  const localToken = randomSecret();
  const plugins: FastifyPluginAsync[] = [
    apiDescription({ version }),
    sessionRoutes({ state, tokens, sessions, audit, site: settings['site.name'], version }),
    tokenRoutes({ tokens, audit, caFingerprint: authority.fingerprint }),
    enrollRoutes({ desk: identity.desk, authorityPem: authority.certificatePem }),
    nodeRoutes({ registry, peers, certificates, hub, audit, isReady: () => ready }),
    profileRoutes({ profiles }),
    auditRoutes({ trail }),
    storageRoutes({ upkeep }),
    quarantineRoutes({ journalFolder: join(folder, 'journal'), journal, audit }),
    controlRoutes({ intake: hub.intake, nowMs, log, seen: registry.seen }),
    receiveRoutes({ journal, settings, log, clients }),
    logRoutes({ store }),
    logTailRoutes({ store }),
    metricRoutes({ store }),
    prometheusRoutes({ store }),
    sqlRoutes({ store, audit }),
    alertRoutes({ alerts }),
    bundleRoutes({ jobs: bundles, audit }),
    bundleScheduleRoutes({ schedules }),
    exportRoutes({ exports, audit }),
    dashboardFiles({ folder: fileURLToPath(new URL('../dashboards/web/dist', import.meta.url)) }),
  ];

  const { tls } = await identity.serverTls();
  const server = await createServer({
    tls,
    log,
    identify: {
      identifyNode: createNodeIdentifier({ certificates, nowMs }),
      identifySender: createSenderIdentifier({ tokens }),
      identifyUser: createUserIdentifier({ tokens, sessions, localTokenHash: hashSecret(localToken) }),
      onNode: registry.seen,
    },
    onRequestDone: recordRequestDurations(meter),
    plugins,
  });
  closers.add('server', server.close);
  const { port } = await server.listen({ host: settings['collector.listen'], port: settings['collector.port'] });
  const url = `https://${reachableHost(settings['collector.listen'])}:${port}`;

  const syslog = createSyslogReceiver({
    journal,
    tls,
    settings,
    log,
    nowMs,
    peers: syslogPeers,
    heard: peers.heard,
  });
  closers.add('syslog', syslog.close, { withinMs: 3200 });
  await syslog.start();
  observeSyslog(meter, syslog.figures);

  const otlp = createOtlpReceiver({ journal, certificates, tokens, tls, settings, log, nowMs, clients });
  closers.add('OTLP', otlp.close);
  await otlp.start();

  closers.add('certificate renewal', keepCertificateFresh(identity, [server, syslog, otlp], log));

  const unpublish = publishEndpoint(folder, {
    url,
    token: localToken,
    caFile: identity.authorityFile,
    pid: process.pid,
  });
  closers.add('endpoint file', unpublish);
  closers.add('readiness', () => {
    ready = false;
  });
  ready = true;
  schedules.start();
  log.info({ url, folder, nodes: registry.list().length }, 'the collector answers');
  return url;
}

/** The address to call from this machine. */
function reachableHost(listen: string): string {
  if (listen === '0.0.0.0' || listen === '::') return '127.0.0.1';
  return listen.includes(':') ? `[${listen}]` : listen;
}
