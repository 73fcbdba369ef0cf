import { relabelled, type Vector } from '../evaluate/vector.ts';
import type { Work } from '../evaluate/work.ts';
import { executionFailure } from '../failure.ts';
import { type Labels, labelValue, withLabel } from '../labels.ts';

/**
 * Calls in each other would multiply a label by their arguments, and an expression takes time with its size times that
 * of the text: 10 million take 0.2 s.
 */
const most = { labelCharacters: 65_536, regexSteps: 10_000_000 };
/** What takes as long as one visit of a sample. */
const regexStepsOfVisit = 500;

/** Sets `target` from what a regular expression finds in the whole of `source`; a series where it does not fit stays. */
export async function labelReplace(
  vector: Vector,
  [target = '', template = '', source = '', pattern = '']: string[],
  work: Work,
): Promise<Vector> {
  const regex = work.compileRegex(pattern);
  if (target === '') throw executionFailure('invalid destination label name in label_replace(): ');
  const relabel = async (labels: Labels): Promise<Labels> => {
    const text = labelValue(labels, source);
    const regexSteps = text.length * regex.programSize();
    if (regexSteps > most.regexSteps) {
      throw executionFailure(`label_replace(): a label of ${text.length} characters is too long for its expression`);
    }
    if (work.visit(Math.ceil(regexSteps / regexStepsOfVisit + template.length / 4))) await work.rest();
    const matcher = regex.matcher(text);
    return matcher.matches() ? withText(labels, target, expand(template, matcher), work) : labels;
  };
  return relabelled(vector, relabel, work);
}

interface Groups {
  group(which: number | string): string | null;
  groupCount(): number;
}

/** `$1`, `${1}`, `$name`, `${name}` and `$$`, as Go expands them; what there is not is empty. */
function* expand(template: string, groups: Groups): Generator<string> {
  let end = 0;
  for (const match of template.matchAll(/\$(?:(\$)|(\w+)|\{(\w+)\})/g)) {
    const [all, dollar, bare, braced] = match;
    yield template.slice(end, match.index);
    end = match.index + all.length;
    yield dollar ?? groupOf(groups, bare ?? braced ?? '');
  }
  yield template.slice(end);
}

function groupOf(groups: Groups, name: string): string {
  if (/^\d+$/.test(name)) return Number(name) <= groups.groupCount() ? (groups.group(Number(name)) ?? '') : '';
  try {
    return groups.group(name) ?? '';
  } catch {
    return '';
  }
}

/** Sets `target` to the values of labels, with a separator between them. */
export async function labelJoin(
  vector: Vector,
  [target = '', separator = '', ...sources]: string[],
  work: Work,
): Promise<Vector> {
  if (target === '') throw executionFailure('invalid destination label name in label_join(): ');
  function* joined(labels: Labels): Generator<string> {
    for (const [index, source] of sources.entries()) {
      if (index > 0) yield separator;
      yield labelValue(labels, source);
    }
  }
  const relabel = async (labels: Labels): Promise<Labels> => {
    if (work.visit(sources.length)) await work.rest();
    return withText(labels, target, joined(labels), work);
  };
  return relabelled(vector, relabel, work);
}

/** The same labels with one set to pieces of text. Throws a failure `execution` before they are too long together. */
function withText(labels: Labels, name: string, pieces: Iterable<string>, work: Work): Labels {
  let value = '';
  for (const piece of pieces) {
    if (value.length + piece.length > most.labelCharacters) {
      throw executionFailure(`the value of the label ${name} would be longer than ${most.labelCharacters} characters`);
    }
    value += piece;
  }
  work.holdText(value.length);
  return withLabel(labels, name, value);
}
