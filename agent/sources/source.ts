import type { Meter } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';
import type { Settings } from '../../config/settings.ts';
import type { Log } from '../../logging/log.ts';
import type { SourceHealth } from '../../protocol/control.ts';
import type { FileQuestions } from '../filesystems/file-questions.ts';
import type { SampleSink } from '../pipeline/sample-sink.ts';
import type { PriorityClass } from '../profile/priority.ts';
import type { Profile, SectionName } from '../profile/profile.ts';
import type { ProgramQueue } from '../programs/program-queue.ts';
import type { LineSink } from './line-sink.ts';
import type { OpenQuestions } from './open-questions.ts';

/**
 * Where a source's log records go. `emit` on a logger and `mark` are synchronous; a batch is only ever cut between
 * turns of the event loop or inside `mark`, so records emitted and then marked in one turn lie in one durable frame
 * with their position.
 */
export interface LogPipeline {
  /** OpenTelemetry logger whose scope is the source's name. */
  logger(scope: string): Logger;
  /** The same for lines of text, as bytes. */
  lines(scope: string): LineSink;
  /** Says that everything emitted so far under `key` is covered by `position`; it becomes durable with the records. */
  mark(key: string, position: string): void;
  /** The position that was last made durable for this key, from this run or an earlier one. */
  position(key: string): string | undefined;
  /** Keys that have a durable position and begin so. */
  keys(prefix: string): string[];
  /** Forgets the position of something that is gone (a deleted file). */
  forget(key: string): void;
  /** Resolves when there is room for more; a source awaits it between chunks of at most about 1 MiB. */
  ready(): Promise<void>;
  /**
   * The same pipeline for records of another class: what is sent first and dropped last. A key is to be marked in one
   * class at a time; its position is found again after its class has changed.
   */
  ofClass(priority: PriorityClass): LogPipeline;
}

/** What a source is given. It touches nothing else of the agent. */
export interface SourceContext {
  meter: Meter;
  logs: LogPipeline;
  /** For what is measured on a schedule of its own, with its own times. */
  samples: SampleSink;
  /** For reads that may never be answered. */
  questions: OpenQuestions;
  /** For whole filesystems that may never answer. */
  fileQuestions: FileQuestions;
  /** External programs, one at a time. */
  programs: ProgramQueue;
  settings: Settings;
  profile: Profile;
  log: Log;
  nowMs(): number;
}

/** One place that telemetry comes from. What a machine lacks is `absent`, never an error and never zero. */
export interface Source {
  readonly name: string;
  /** Resolves when collecting has begun or the source is known to be absent. Never throws for what a machine lacks. */
  start(): Promise<void>;
  /** Stops and resolves when nothing more will be emitted. */
  close(): Promise<void>;
  health(): SourceHealth;
  /**
   * Resolves when the source's own work has come round once more. A source that has neither answered nor emitted
   * anything for a minute is taken for stuck and made anew. Left out by sources that only answer when asked.
   */
  answer?(): Promise<void>;
}

/** How a source is made. It is made anew when one of its profile's sections has changed. */
export interface SourceFactory {
  readonly name: string;
  /** Sections of the profile that it reads. */
  readonly sections: readonly SectionName[];
  create(context: SourceContext): Source;
}
