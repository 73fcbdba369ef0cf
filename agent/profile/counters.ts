import { Type } from 'typebox';
import { textPattern } from '../../config/text-pattern.ts';
import { closed, createSection, Name, NamedList } from './section.ts';

const CounterMetric = closed({
  /** What layers merge by. */
  name: Name(255),
  /** English path; `(*)` stands for all instances. */
  counter: Type.String({
    pattern: textPattern(
      '^\\\\[^\\\\]+\\\\.+$',
      'must be the English path of a counter such as \\Memory\\Available Bytes',
    ),
    maxLength: 2047,
  }),
  /** OpenTelemetry takes 255 characters, and 63 of a unit. */
  metric: Type.String({
    maxLength: 255,
    pattern: textPattern(
      '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$',
      'must be two or more words with dots between them, of a-z, 0-9 and underscores, such as system.memory.usage',
    ),
  }),
  /** As OpenTelemetry writes it (UCUM). */
  unit: Type.String({ maxLength: 63 }),
  description: Type.String(),
  /** Left out, the value is what Windows shows, per second for rates; `total` is what the counter counts, ever growing. */
  kind: Type.Optional(Type.Union([Type.Literal('shown'), Type.Literal('total')])),
  /** What the value is multiplied with: 0.01 makes a share of a percentage. */
  scale: Type.Optional(Type.Number()),
  /** Attribute that carries the instance's name. */
  instance: Type.Optional(Type.String()),
  attributes: Type.Optional(Type.Record(Type.String(), Type.String())),
  enabled: Type.Optional(Type.Boolean()),
});

/** Windows performance counters, each with the metric that it becomes. */
export const counters = createSection(closed({ enabled: Type.Boolean(), metrics: NamedList(CounterMetric) }), {
  enabled: false,
  metrics: [],
});
