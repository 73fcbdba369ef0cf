import { emptySeries, type Vector } from '../evaluate/vector.ts';
import type { Work } from '../evaluate/work.ts';
import { type Labels, labelsOf, nameLabel } from '../labels.ts';
import type { Expression } from '../parse/expression.ts';

/** What a selector demands of its labels, as far as that is one value. */
function demandedLabels(expression: Expression): Labels {
  if (expression.kind !== 'selector') return [];
  const demanded = new Map<string, string | undefined>();
  for (const { name, operator, value } of expression.matchers) {
    if (name === nameLabel) continue;
    demanded.set(name, operator === '=' && !demanded.has(name) ? value : undefined);
  }
  return labelsOf([...demanded].map(([name, value]) => [name, value ?? '']));
}

/** 1 where none of the series has a value. */
export function absent(expression: Expression, vector: Vector, steps: number, work: Work): Vector {
  const series = emptySeries(demandedLabels(expression), steps, work);
  for (let step = 0; step < steps; step++) {
    if (vector.some(({ present }) => present[step] === 1)) continue;
    series.values[step] = 1;
    series.present[step] = 1;
  }
  return [series];
}
