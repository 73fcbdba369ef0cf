import { relabelled, type Vector } from '../evaluate/vector.ts';
import { executionFailure } from '../failure.ts';
import { labelValue, withLabel } from '../labels.ts';
import { compileRegex } from '../matchers.ts';

/** Sets `target` from what a regular expression finds in the whole of `source`; a series where it does not fit stays. */
export function labelReplace(
  vector: Vector,
  [target = '', template = '', source = '', pattern = '']: string[],
): Vector {
  const regex = compileRegex(pattern);
  if (target === '') throw executionFailure('invalid destination label name in label_replace(): ');
  return relabelled(vector, (labels) => {
    const matcher = regex.matcher(labelValue(labels, source));
    if (!matcher.matches()) return labels;
    return withLabel(labels, target, expand(template, matcher));
  });
}

interface Groups {
  group(which: number | string): string | null;
  groupCount(): number;
}

/** `$1`, `${1}`, `$name`, `${name}` and `$$`, as Go expands them; what there is not is empty. */
function expand(template: string, groups: Groups): string {
  return template.replaceAll(/\$(?:(\$)|(\w+)|\{(\w+)\})/g, (_all, dollar, bare, braced) => {
    if (dollar) return '$';
    const name = bare ?? braced;
    if (/^\d+$/.test(name)) return Number(name) <= groups.groupCount() ? (groups.group(Number(name)) ?? '') : '';
    try {
      return groups.group(name) ?? '';
    } catch {
      return '';
    }
  });
}

/** Sets `target` to the values of labels, with a separator between them. */
export function labelJoin(vector: Vector, [target = '', separator = '', ...sources]: string[]): Vector {
  if (target === '') throw executionFailure('invalid destination label name in label_join(): ');
  return relabelled(vector, (labels) =>
    withLabel(labels, target, sources.map((source) => labelValue(labels, source)).join(separator)),
  );
}
