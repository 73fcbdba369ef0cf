import type { TSchema } from 'typebox';
import { accessAnswers } from './answers/access.ts';
import { alertAnswers } from './answers/alerts.ts';
import { bundleAnswers } from './answers/bundles.ts';
import { exportAnswers } from './answers/exports.ts';
import { logAnswers } from './answers/logs.ts';
import { metricAnswers } from './answers/metrics.ts';
import { nodeAnswers } from './answers/nodes.ts';
import { profileAnswers } from './answers/profiles.ts';
import { prometheusAnswers } from './answers/prometheus.ts';
import { upkeepAnswers } from './answers/upkeep.ts';

/** What the API answers, by the names that the description refers to. */
export const answers = {
  ...accessAnswers,
  ...nodeAnswers,
  ...logAnswers,
  ...metricAnswers,
  ...prometheusAnswers,
  ...alertAnswers,
  ...bundleAnswers,
  ...exportAnswers,
  ...profileAnswers,
  ...upkeepAnswers,
} as const satisfies Record<string, TSchema>;

export type AnswerName = keyof typeof answers;
