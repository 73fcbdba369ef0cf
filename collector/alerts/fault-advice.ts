import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { readCheckedYaml } from '../../config/checked-yaml.ts';

const FaultFile = Type.Object(
  {
    /** Fault type without `Microsoft.Health.FaultType.` → what is known of it. */
    faults: Type.Record(
      Type.String(),
      Type.Object(
        {
          severity: Type.Union([Type.Literal('warning'), Type.Literal('critical')]),
          raisedWhen: Type.String({ minLength: 1 }),
          whatToDo: Type.String({ minLength: 1 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

const shippedFaults = fileURLToPath(new URL('../../profiles/data/health-faults.yaml', import.meta.url));

let shipped: ReadonlyMap<string, string> | undefined;

/** The shipped advice, read when the first fault asks for it: reading it takes a tenth of a second of each start. */
export function faultAdvice(): ReadonlyMap<string, string> {
  shipped ??= loadFaultAdvice();
  return shipped;
}

/** What to do about each fault type of the Health Service. Throws SX_CONFIG_INVALID when the file is wrong. */
export function loadFaultAdvice(file = shippedFaults): ReadonlyMap<string, string> {
  const { faults } = readCheckedYaml(FaultFile, readFileSync(file, 'utf8'), { what: 'health faults', file });
  return new Map(Object.entries(faults).map(([type, { whatToDo }]) => [type, whatToDo]));
}
