import type { ValueType } from '../parse/expression.ts';

interface Signature {
  args: ValueType[];
  /** How many of the arguments may be left out at the end, or, below zero, that the last may be repeated. */
  optional: number;
  returns: ValueType;
}

const takes = (args: ValueType[], returns: ValueType = 'instant vector', optional = 0): Signature => ({
  args,
  optional,
  returns,
});
const vector = 'instant vector';
const range = 'range vector';

const named = <Name extends string>(names: readonly Name[], signature: Signature) =>
  Object.fromEntries(names.map((name) => [name, signature]));

/** The functions that are supported, with what they take and give. */
export const signatures: ReadonlyMap<string, Signature> = new Map(
  Object.entries({
    ...named(['rate', 'irate', 'increase', 'delta', 'idelta', 'deriv', 'changes', 'resets'], takes([range])),
    ...named(
      ['avg', 'min', 'max', 'sum', 'count', 'last', 'present', 'stddev', 'stdvar', 'absent'].map(
        (name) => `${name}_over_time`,
      ),
      takes([range]),
    ),
    quantile_over_time: takes(['scalar', range]),
    predict_linear: takes([range, 'scalar']),
    ...named(['abs', 'ceil', 'floor', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn', 'deg', 'rad'], takes([vector])),
    ...named(['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh'], takes([vector])),
    ...named(['asinh', 'acosh', 'atanh', 'timestamp', 'absent', 'sort', 'sort_desc'], takes([vector])),
    round: takes([vector, 'scalar'], vector, 1),
    clamp: takes([vector, 'scalar', 'scalar']),
    ...named(['clamp_min', 'clamp_max'], takes([vector, 'scalar'])),
    scalar: takes([vector], 'scalar'),
    vector: takes(['scalar']),
    ...named(['time', 'pi'], takes([], 'scalar')),
    ...named(['minute', 'hour', 'day_of_week', 'day_of_month'], takes([vector], vector, 1)),
    ...named(['day_of_year', 'days_in_month', 'month', 'year'], takes([vector], vector, 1)),
    histogram_quantile: takes(['scalar', vector]),
    label_replace: takes([vector, 'string', 'string', 'string', 'string']),
    label_join: takes([vector, 'string', 'string', 'string'], vector, -1),
  }),
);
