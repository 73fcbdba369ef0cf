import { Type } from 'typebox';
import { closed, createSection, Name, NamedList } from './section.ts';

const CounterMetric = closed({
  /** What layers merge by. */
  name: Name(255),
  /** English path; `(*)` stands for all instances. */
  counter: Type.String({ pattern: '^\\\\[^\\\\]+\\\\.+$', maxLength: 2047 }),
  /** OpenTelemetry takes 255 characters, and 63 of a unit. */
  metric: Type.String({ maxLength: 255, pattern: '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$' }),
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
