import { type AnyValueMap, SeverityNumber } from '@opentelemetry/api-logs';
import type { LogPipelines } from './pipeline/log-pipelines.ts';

/** Scope of what the agent itself has to say. */
export const ownScope = 'sextant.agent';

/** Something that happened to the agent itself, for whoever looks after the site. */
export interface OwnEvent {
  eventName: string;
  body: string;
  severity: 'info' | 'warn' | 'error';
  attributes?: AnyValueMap;
}

const severities = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR };

/** Makes the function that tells such events as log records of the class that is sent first and dropped last. */
export const createOwnEvents =
  (logs: Pick<LogPipelines, 'ofClass'>): ((event: OwnEvent) => void) =>
  ({ severity, ...record }) =>
    logs
      .ofClass('critical')
      .logger(ownScope)
      .emit({ ...record, severityNumber: severities[severity] });
