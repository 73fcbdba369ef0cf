import { SeverityNumber } from '@opentelemetry/api-logs';
import type { Sample } from '../../pipeline/metric-data.ts';
import { createPowerShell } from '../../powershell/powershell.ts';
import { type ProbeMetric, probeMetrics } from '../azure-local-metrics.ts';
import { createPolledSource } from '../poller.ts';
import type { Source, SourceContext } from '../source.ts';
import { createLimit } from './limit.ts';
import type { LocalState } from './local-state.ts';
import { createLinuxState } from './local-state-linux.ts';
import { createWindowsState } from './local-state-windows.ts';
import type { Probe, ProbeResult } from './probe.ts';
import { probesOf } from './probes-of.ts';
import { missingNames } from './site-names.ts';

/** So many look at once, however many there are. */
const maxAtOnce = 8;

/**
 * Looks at endpoints, certificates, files, processes and services as the profile names them. Each probe has its own
 * place in its interval; a change of what it sees is a log record too.
 */
export function createProbesSource(
  context: SourceContext,
  options: { platform?: NodeJS.Platform; localState?: LocalState; placeOf?: (task: string) => number } = {},
): Source {
  const { probes: section } = context.profile;
  const platform = options.platform ?? process.platform;
  const localState =
    options.localState ??
    (platform === 'win32'
      ? createWindowsState(createPowerShell(context.programs))
      : createLinuxState(context.programs));
  const probes = section.enabled
    ? probesOf(section, {
        localState,
        questions: context.questions,
        fileQuestions: context.fileQuestions,
        nowMs: context.nowMs,
      })
    : [];
  const missing = section.enabled ? missingNames(section) : [];
  if (missing.length > 0) {
    context.log.info({ names: missing }, 'probes are left out until the profile says probes.names of these');
  }
  const limit = createLimit(maxAtOnce);
  const logger = context.logs.logger('probes');
  const seen = new Map<Probe, string>();

  /** Returns how many records it emitted. The first look is told only when it is bad. */
  function tellChange(probe: Probe, result: ProbeResult): number {
    const now = result.up ? 'up' : (result.errorType ?? 'down');
    const before = seen.get(probe) ?? 'up';
    seen.set(probe, now);
    if (now === before) return 0;
    const level = result.up ? 'INFO' : 'WARN';
    logger.emit({
      eventName: result.up ? 'sextant.probe.recovered' : 'sextant.probe.failed',
      severityNumber: SeverityNumber[level],
      severityText: level,
      body: result.up ? `${probe.name} is as it should be again` : `${probe.name}: ${result.detail ?? now}`,
      attributes: attributesOf(probe, result),
    });
    return 1;
  }

  return createPolledSource<ProbeMetric>(context, {
    name: 'probes',
    catalogue: probeMetrics,
    absent: !section.enabled
      ? 'switched off in the profile'
      : probes.length === 0
        ? 'the profile names no probe'
        : undefined,
    tasks: probes.map((probe) => ({
      name: `${probe.kind} ${probe.name}`,
      everyMs: probe.everyMs,
      async ask(signal) {
        const result = await limit(() => probe.look(signal));
        return result && { samples: samplesOf(probe, result), records: tellChange(probe, result) };
      },
    })),
    ...(options.placeOf && { placeOf: options.placeOf }),
  });
}

function attributesOf(probe: Probe, { up, errorType }: ProbeResult): Record<string, string> {
  return {
    'sextant.probe.name': probe.name,
    'sextant.probe.kind': probe.kind,
    ...(probe.group && { 'sextant.probe.group': probe.group }),
    ...(!up && errorType && { 'error.type': errorType }),
  };
}

function samplesOf(probe: Probe, result: ProbeResult): Sample<ProbeMetric>[] {
  const name = { 'sextant.probe.name': probe.name };
  const samples: Sample<ProbeMetric>[] = (result.samples ?? []).map((sample) => ({
    ...sample,
    attributes: { ...name, ...sample.attributes },
  }));
  samples.push({ metric: 'sextant.probe.up', value: Number(result.up), attributes: attributesOf(probe, result) });
  if (result.seconds !== undefined) {
    samples.push({
      metric: 'sextant.probe.duration',
      value: result.seconds,
      attributes: { ...name, 'sextant.probe.kind': probe.kind },
    });
  }
  return samples;
}
