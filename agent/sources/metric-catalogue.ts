import type { Meter, Observable } from '@opentelemetry/api';

type Kind = 'counter' | 'updown' | 'gauge';

/** Metrics of a source by name: instrument, unit, description. */
export type MetricCatalogue<Name extends string = string> = Readonly<Record<Name, readonly [Kind, string, string]>>;

export type Instruments<Name extends string> = { readonly [N in Name]: Observable };

/** Makes the observable instruments of a catalogue. */
export function createInstruments<Name extends string>(
  meter: Meter,
  catalogue: MetricCatalogue<Name>,
): Instruments<Name> {
  const made: Record<string, Observable> = {};
  for (const [name, [kind, unit, description]] of Object.entries(catalogue) as [Name, [Kind, string, string]][]) {
    if (kind === 'counter') made[name] = meter.createObservableCounter(name, { unit, description });
    else if (kind === 'updown') made[name] = meter.createObservableUpDownCounter(name, { unit, description });
    else made[name] = meter.createObservableGauge(name, { unit, description });
  }
  return made as Instruments<Name>;
}
