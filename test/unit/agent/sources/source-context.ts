import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import type { Sample as SinkSample } from '../../../../agent/pipeline/metric-data.ts';
import { type Profile, profileDefaults } from '../../../../agent/profile/profile.ts';
import { createProgramQueue } from '../../../../agent/programs/program-queue.ts';
import { createOpenQuestions } from '../../../../agent/sources/open-questions.ts';
import type { LogPipeline, SourceContext } from '../../../../agent/sources/source.ts';
import { type Settings, settingsTable } from '../../../../config/settings.ts';
import { createLog } from '../../../../logging/log.ts';

class ManualReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

export interface Sample {
  name: string;
  unit: string;
  monotonic: boolean | undefined;
  attributes: Record<string, unknown>;
  value: number;
}

/** What went to the sample sink. */
export type Reported = SinkSample & { scope: string };

/** Nothing is named, everything that a machine may have is switched on. */
export const emptyProfile: Profile = {
  ...(profileDefaults as Omit<Profile, 'name' | 'description'>),
  name: 'test',
  description: 'nothing',
  metrics: { enabled: true, interval: 10_000, priority: 'normal', processes: { top: 5, named: [] } },
  hardware: { ...(profileDefaults as Profile).hardware, enabled: true },
  cluster: { ...(profileDefaults as Profile).cluster, enabled: true },
  hyperv: { ...(profileDefaults as Profile).hyperv, enabled: true },
  journal: { enabled: true, priority: 'normal' },
};

/** A context over the real metrics SDK, and a function that collects once. */
export function createSourceContext(options: {
  logs: LogPipeline;
  settings?: Partial<Settings>;
  profile?: Partial<Profile>;
  nowMs?: () => number;
  questions?: { patienceMs: number };
  /** Further parts of the agent that are the real ones. */
  real?: Partial<SourceContext>;
}): { context: SourceContext; collect: () => Promise<Sample[]>; reported: Reported[] } {
  const reported: Reported[] = [];
  const reader = new ManualReader();
  const provider = new MeterProvider({ readers: [reader] });
  const defaults = Object.fromEntries(Object.entries(settingsTable).map(([name, { default: value }]) => [name, value]));
  const context: SourceContext = {
    meter: provider.getMeter('test'),
    logs: options.logs,
    samples: {
      async report(scope, _catalogue, samples) {
        reported.push(...samples.map((sample) => ({ ...sample, scope })));
      },
    },
    questions: createOpenQuestions({ patienceMs: 5_000, ...options.questions }),
    fileQuestions: createFileQuestions({ most: 4 }),
    programs: createProgramQueue(),
    settings: { ...(defaults as unknown as Settings), ...options.settings },
    profile: { ...emptyProfile, ...options.profile },
    log: createLog('test', 'silent'),
    nowMs: options.nowMs ?? Date.now,
    ...options.real,
  };
  return {
    context,
    reported,
    async collect() {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap((metric) =>
          metric.dataPoints.map((point) => ({
            name: metric.descriptor.name,
            unit: metric.descriptor.unit,
            monotonic: 'isMonotonic' in metric ? metric.isMonotonic : undefined,
            attributes: point.attributes,
            value: point.value as number,
          })),
        ),
      );
    },
  };
}
