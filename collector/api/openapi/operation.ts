import type { ErrorCode } from '../../../errors/registry.ts';
import type { AnswerName } from './answers.ts';

/** What the description says of a route beside what its schemas say. */
export interface Operation {
  summary: string;
  tag: 'session' | 'nodes' | 'logs' | 'metrics' | 'prometheus' | 'alerts' | 'bundles' | 'administration';
  /** Who may call it. */
  who: 'everybody' | 'user' | 'administrator';
  /** Media type → what it holds: a named schema, or bytes. */
  answer: Record<string, AnswerName | 'bytes'> | 'nothing';
  status?: 200 | 201 | 202 | 204;
  /** Beside those that follow from who may call it and what it takes. */
  errors?: ErrorCode[];
  /** Errors are Prometheus' own instead. */
  speaksPrometheus?: true;
}

export const json = <Name extends AnswerName>(name: Name) => ({ 'application/json': name });

/** What a question to storage may end with. */
export const query: ErrorCode[] = ['SX_QUERY_TOO_LARGE', 'SX_UNAVAILABLE'];
