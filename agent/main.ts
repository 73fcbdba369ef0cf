import { join } from 'node:path';
import { threadPoolSize } from '../config/environment.ts';
import type { Settings } from '../config/settings.ts';
import { version } from '../config/version.ts';
import { lockFolder } from '../durable/folder-lock.ts';
import type { Log } from '../logging/log.ts';
import { createClosers } from './closers.ts';
import { createSelfCollect } from './collect/self-collect.ts';
import { createClockOffset } from './control/clock-offset.ts';
import { createControlStream } from './control/link.ts';
import { createPresence } from './control/presence.ts';
import { createFileQuestions, shareOfPool } from './filesystems/file-questions.ts';
import { certificateFault } from './identity/certificate-fault.ts';
import { loadIdentity, pinProfileKey } from './identity/identity.ts';
import { createRenewal } from './identity/renewal.ts';
import { collectInventory } from './inventory/collect.ts';
import { createGatherer } from './jobs/gatherer.ts';
import { createMemoryGuard } from './limits/memory-guard.ts';
import type { AppliedLimits, WantedLimits } from './limits/process-limits.ts';
import { sheddingSteps } from './limits/shedding.ts';
import { createOwnEvents, ownScope } from './own-events.ts';
import { createDropReport } from './pipeline/drop-report.ts';
import { hostId } from './pipeline/host-id.ts';
import { createLogPipelines } from './pipeline/log-pipelines.ts';
import { createMetricBatches } from './pipeline/metric-batches.ts';
import { createMetricPipeline } from './pipeline/metric-pipeline.ts';
import { registerOwnMetrics } from './pipeline/own-metrics.ts';
import { createResource } from './pipeline/resource.ts';
import { createSampleSink } from './pipeline/sample-sink.ts';
import { createLocalProfile } from './profile/fallback/local-profile.ts';
import { readNodeProfile } from './profile/node-profile.ts';
import type { Profile } from './profile/profile.ts';
import { createProfileReceiver } from './profile/pushed/receiver.ts';
import type { ReadProfile } from './profile/read.ts';
import { createProgramQueue } from './programs/program-queue.ts';
import { createSourceRunner, type Patience } from './source-runner.ts';
import { sourcesOf } from './sources/all.ts';
import { createOpenQuestions } from './sources/open-questions.ts';
import type { SourceFactory } from './sources/source.ts';
import { createSnapshot } from './status/snapshot.ts';
import { createStatus } from './status/status.ts';
import { openStorage } from './storage.ts';
import { catchErrors } from './uncaught-errors.ts';
import { createCollectorClient } from './uplink/client.ts';
import { createUplink } from './uplink/uplink.ts';

/** `sextant up` has ten seconds for agent and collector together. */
const closeDeadlineMs = 4_000;

/**
 * Starts the agent of an enrolled node: sources, spool, uplink, control stream, jobs. The one place that knows all parts of
 * it and their order, and long for that reason alone.
 *
 * Resolves when collecting has begun, whether or not the collector can be reached. A fault of the node's own profile is
 * told and gone around. Throws SX_DATA_FOLDER_HELD and SX_CLIENT_CERTIFICATE (not enrolled). `close` flushes what was
 * collected to the spool and returns within four seconds.
 */
export async function startAgent({
  dataDir,
  settings,
  limitProcess = async () => ({ holds: [], missing: ['this process is not the agent’s alone'] }),
  factories = sourcesOf(),
  patience,
  reading,
  log,
}: {
  dataDir: string;
  settings: Settings;
  /** The profile, where somebody has begun to read it already. */
  reading?: Promise<ReadProfile>;
  /** Holds the process to its limits; left out by who runs more in it than the agent. */
  limitProcess?(wanted: WantedLimits): Promise<AppliedLimits>;
  /** What collects; what the platform has when left out. */
  factories?: readonly SourceFactory[];
  /** Of the watchdog over sources. */
  patience?: Patience;
  log: Log;
}): Promise<{ close(): Promise<void> }> {
  const nowMs = Date.now;
  const folder = join(dataDir, 'agent');
  const closers = createClosers(log);
  try {
    const lock = lockFolder(folder, { role: 'sextant agent', nowMs: nowMs() });
    closers.add('lock', () => lock.close());
    const identity = loadIdentity(dataDir);
    const collectorUrl = settings['agent.collector'] || identity.collectorUrl;
    const startedUnixMs = nowMs();
    let current = identity;
    const takesPushed = settings['agent.profiles.pushed'];
    const started = await (reading ?? readNodeProfile({ dataDir, settings, identity }));
    let { profile } = started;
    const intervalOf = (of: Profile) => settings['agent.metrics.interval'] || of.metrics.interval;

    const drops = createDropReport(() => logs.ofClass('critical').logger(ownScope));
    const { spool, ring, ...storage } = await openStorage(
      { folder, settings, metrics: profile.metrics.priority },
      { log, nowMs, onDrop: (drop) => drops.add(drop) },
    );
    closers.add('spool and ring', () => storage.close());
    const resource = createResource({ serviceVersion: version, instanceId: spool.epoch, hostId: await hostId() });
    const clock = createClockOffset();
    const logs = createLogPipelines(
      { spool, resource, clock, log },
      { maxBytes: settings['agent.batch.maxBytes'], maxAgeMs: settings['agent.batch.maxAge'] },
    );
    closers.add('log pipeline', () => logs.close());
    const tellOwn = createOwnEvents(logs);
    const localProfile = createLocalProfile({ tell: tellOwn, log }, { dataDir });
    localProfile.found(started);
    closers.add('drop report', () => drops.close());
    const batches = createMetricBatches({ spool, resource, clock, nowMs });
    const metrics = createMetricPipeline({ batches, resource, log }, { intervalMs: intervalOf(profile) });
    closers.add('metric pipeline', () => metrics.close());

    const client = createCollectorClient({ collectorUrl, identity });
    closers.add('client', () => client.close());
    const backoff = { maxBackoffMs: settings['agent.uplink.maxBackoff'] };
    const hint = () => certificateFault(current.certificate, nowMs());
    const uplink = createUplink({ client, spool, log, hint }, backoff);
    closers.add('uplink', () => uplink.close());
    const control = createControlStream({ identity, collectorUrl, log }, backoff);
    closers.add('control stream', () => control.close());
    const renewal = createRenewal(
      {
        client,
        nowMs,
        log,
        onRenewed: (renewed) => {
          current = renewed;
          client.useIdentity(renewed);
          control.useIdentity(renewed);
        },
      },
      { dataDir, identity },
    );
    closers.add('renewal', () => renewal.close());

    const samples = createSampleSink({ batches, nowMs });
    const programs = createProgramQueue();
    const fileQuestions = createFileQuestions(shareOfPool(threadPoolSize()));
    const questions = createOpenQuestions({ files: fileQuestions });
    const sources = createSourceRunner(
      {
        factories,
        contextOf: (from) => ({
          meter: metrics.meter('sextant.host'),
          logs: logs.ofClass('normal'),
          samples,
          questions,
          fileQuestions,
          programs,
          settings,
          profile: from,
          log,
          nowMs,
        }),
        flush: () => logs.flush(),
        isBlocked: () => spool.blockedBy() !== undefined || memory.level() >= 2,
        log,
      },
      { profile, ...(patience && { patience }) },
    );
    closers.add('source errors', catchErrors(sources.takeError));
    closers.add('sources', () => sources.close());
    const presence = createPresence({
      stream: control,
      spoolStats: spool.stats,
      sourceHealth: () => [...sources.health(), ...localProfile.health()],
      collectInventory: () => collectInventory(),
      clock,
      nowMs,
      log,
    });
    closers.add('presence', () => presence.close());
    const gatherer = createGatherer({
      link: control,
      client,
      dataDir,
      node: identity.node,
      profile: () => profile,
      questions: fileQuestions,
      log,
      nowMs,
    });
    closers.add('gatherer', () => gatherer.close());
    const selfCollect = createSelfCollect({
      dataDir,
      profile: () => profile,
      profileFault: localProfile.current,
      settings,
      questions: fileQuestions,
      log,
      nowMs,
    });
    closers.add('self collect', () => selfCollect.close());
    control.onConnect(() => selfCollect.heard());
    control.onMessage(() => selfCollect.heard());
    const collecting = Promise.withResolvers<void>();
    const pushed = createProfileReceiver(
      {
        link: control,
        client,
        async readWith(file, believedKey) {
          const read = await readNodeProfile({ dataDir, settings, identity }, { file, believedKey });
          localProfile.found(read);
          return read;
        },
        async apply(next) {
          profile = next;
          metrics.useInterval(intervalOf(next));
          spool.useClass('metrics', next.metrics.priority);
          const renewed = await sources.useProfile(next);
          localProfile.inEffect();
          log.info({ profile: next.name, sources: renewed }, 'a profile came into effect');
        },
        pin: (publicKey) => pinProfileKey(dataDir, publicKey),
        tell: (body, refused) =>
          tellOwn({ eventName: 'sextant.agent.profile', body, severity: refused ? 'warn' : 'info' }),
        nowMs,
        log,
      },
      {
        dataDir,
        enabled: takesPushed,
        believedKey: identity.profileKey,
        outcomes: started.pushed,
        roles: started.roles,
        ready: collecting.promise,
      },
    );
    closers.add('pushed profiles', () => pushed.close());
    const limits = await limitProcess({
      memoryBytes: settings['agent.limits.memory'],
      cpuPercent: settings['agent.limits.cpu'],
    });
    log.info(limits, 'limits of this process');
    registerOwnMetrics(metrics.meter(ownScope), {
      spool: spool.stats,
      uplink: uplink.stats,
      emittedRecords: logs.emitted,
      shedding: { level: () => memory.level(), steps: () => memory.steps() },
      floodedRecords: logs.flooded,
      skippedSamples: metrics.skipped,
      sourceRestarts: sources.restarts,
    });

    const status = createStatus(
      {
        snapshot: () =>
          createSnapshot({
            version,
            node: identity.node,
            collector: collectorUrl,
            startedUnixMs,
            profile: () => profile.name,
            profileFault: localProfile.fault,
            pushed: pushed.state,
            connected: control.connected,
            certificate: () => current.certificate,
            clock,
            sources: sources.health,
            unanswered: fileQuestions.unanswered,
            spool: spool.stats,
            blockedBy: spool.blockedBy,
            uplink: uplink.stats,
            ring: ring.stats,
            settings,
            limits: () => limits,
            shedding: () => sheddingSteps[memory.level()]?.name ?? '',
            nowMs,
          }),
        log,
      },
      { dataDir },
    );
    closers.add('status', () => status.close());

    const memory = createMemoryGuard(
      { logs, metrics, spool, tellOwn, log },
      { maxBytes: settings['agent.limits.memory'] },
    );
    closers.add('memory', () => memory.close());

    control.onConnect(() => uplink.wake());
    memory.start();
    uplink.start();
    presence.start();
    pushed.start();
    await gatherer.start();
    await selfCollect.start();
    control.start();
    renewal.start();
    await status.start();
    await sources.start();
    metrics.start();
    collecting.resolve();
    log.info({ node: identity.node, collector: collectorUrl }, 'the agent runs');
    return { close: () => closers.close(closeDeadlineMs) };
  } catch (error) {
    await closers.close(closeDeadlineMs);
    throw error;
  }
}
