import { Type } from 'typebox';

/**
 * What is used of Redfish documents (DSP2046). BMCs leave out what they like and write null for what they cannot tell,
 * so nothing is required, and null is as good as absent; what is of another kind is left out by `fitting`.
 */
const maybe = <Schema extends ReturnType<typeof Type.Number | typeof Type.String | typeof Type.Boolean>>(
  schema: Schema,
) => Type.Optional(Type.Union([schema, Type.Null()]));
const MaybeNumber = maybe(Type.Number());
const MaybeText = maybe(Type.String());

export const Link = Type.Object({ '@odata.id': Type.String() });
const MaybeLink = Type.Optional(Link);
export const Collection = Type.Object({
  Members: Type.Optional(Type.Array(Link)),
  /** The next part of a list that comes in parts. */
  'Members@odata.nextLink': MaybeText,
});
export const Status = Type.Object({ State: MaybeText, Health: MaybeText, HealthRollup: MaybeText });
const MaybeStatus = Type.Optional(Status);
const thresholds = {
  UpperThresholdNonCritical: MaybeNumber,
  UpperThresholdCritical: MaybeNumber,
  LowerThresholdNonCritical: MaybeNumber,
  LowerThresholdCritical: MaybeNumber,
};
const part = { '@odata.id': MaybeText, MemberId: MaybeText, Name: MaybeText, Status: MaybeStatus };
const Reading = Type.Optional(Type.Object({ Reading: MaybeNumber, SpeedRPM: MaybeNumber }));

export const Root = Type.Object({ Chassis: MaybeLink, Systems: MaybeLink });
export const Chassis = Type.Object({
  ...part,
  Thermal: MaybeLink,
  Power: MaybeLink,
  ThermalSubsystem: MaybeLink,
  PowerSubsystem: MaybeLink,
});
export const Thermal = Type.Object({
  Temperatures: Type.Optional(Type.Array(Type.Object({ ...part, ...thresholds, ReadingCelsius: MaybeNumber }))),
  Fans: Type.Optional(
    Type.Array(
      Type.Object({ ...part, ...thresholds, FanName: MaybeText, Reading: MaybeNumber, ReadingUnits: MaybeText }),
    ),
  ),
});
export const Power = Type.Object({
  PowerControl: Type.Optional(Type.Array(Type.Object({ ...part, PowerConsumedWatts: MaybeNumber }))),
  Voltages: Type.Optional(Type.Array(Type.Object({ ...part, ...thresholds, ReadingVolts: MaybeNumber }))),
  PowerSupplies: Type.Optional(
    Type.Array(
      Type.Object({
        ...part,
        LastPowerOutputWatts: MaybeNumber,
        PowerOutputWatts: MaybeNumber,
        PowerCapacityWatts: MaybeNumber,
      }),
    ),
  ),
});
export const ThermalSubsystem = Type.Object({ Fans: MaybeLink, ThermalMetrics: MaybeLink });
export const ThermalMetrics = Type.Object({
  TemperatureReadingsCelsius: Type.Optional(
    Type.Array(Type.Object({ DeviceName: MaybeText, PhysicalContext: MaybeText, Reading: MaybeNumber })),
  ),
});
export const Fan = Type.Object({ ...part, SpeedPercent: Reading });
export const PowerSubsystem = Type.Object({ PowerSupplies: MaybeLink });
export const PowerSupply = Type.Object({ ...part, PowerCapacityWatts: MaybeNumber, Metrics: MaybeLink });
export const PowerSupplyMetrics = Type.Object({ OutputPowerWatts: Reading });
const Summary = Type.Optional(Type.Object({ Status: MaybeStatus }));
export const System = Type.Object({
  ...part,
  ProcessorSummary: Summary,
  MemorySummary: Summary,
  Memory: MaybeLink,
  Storage: MaybeLink,
});
export const Memory = Type.Object({ ...part, DeviceLocator: MaybeText, CapacityMiB: MaybeNumber });
export const Storage = Type.Object({ Drives: Type.Optional(Type.Array(Link)) });
export const Drive = Type.Object({
  ...part,
  Model: MaybeText,
  SerialNumber: MaybeText,
  CapacityBytes: MaybeNumber,
  PredictedMediaLifeLeftPercent: MaybeNumber,
  FailurePredicted: maybe(Type.Boolean()),
});
