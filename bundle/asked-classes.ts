import { SextantError } from '../errors/sextant-error.ts';
import { type CapClass, capClasses, type NodeCapClass, nodeCapClasses } from './caps.ts';

/** Classes of content that a bundle is asked for; empty: all. What has no class (inventory, alerts …) is always there. */
export type AskedClasses = readonly CapClass[];

export const isAskedFor = (classes: AskedClasses, kind: CapClass): boolean =>
  classes.length === 0 || classes.includes(kind);

/** Whether nodes gather it; the others are what the collector has stored. */
export const isNodeClass = (kind: CapClass): kind is NodeCapClass =>
  (nodeCapClasses as readonly CapClass[]).includes(kind);

/** Each once and in the order in which they are always told; empty when that is all of them. */
export function askedClasses(named: readonly CapClass[]): CapClass[] {
  const asked = capClasses.filter((kind) => named.includes(kind));
  return asked.length === capClasses.length ? [] : asked;
}

/** What nodes are told of it: nothing when they are to bring all; an empty list when only what is stored was asked for. */
export const onNodes = (classes: AskedClasses): { classes?: NodeCapClass[] } =>
  classes.length === 0 ? {} : { classes: nodeCapClasses.filter((kind) => classes.includes(kind)) };

/** Throws SX_BAD_REQUEST where something is asked for that can only come with a class that is not. */
export function checkClasses(asked: { classes: AskedClasses; raw?: boolean; parquet?: boolean }): void {
  const { classes, raw = false, parquet = false } = asked;
  if (raw && !isAskedFor(classes, 'files')) {
    throw new SextantError('SX_BAD_REQUEST', 'raw files are of the class files, which is not asked for', {
      nextStep: 'ask for the class files too, or leave out --raw',
    });
  }
  if (parquet && !isAskedFor(classes, 'logs') && !isAskedFor(classes, 'metrics')) {
    throw new SextantError('SX_BAD_REQUEST', 'Parquet is made of the classes logs and metrics; neither is asked for', {
      nextStep: 'ask for one of them too, or leave out --parquet',
    });
  }
}

/** For coverage, README.txt and index.html; undefined when all were asked for. */
export function classesNote(classes: AskedClasses): string | undefined {
  if (classes.length === 0) return undefined;
  const others = capClasses.filter((kind) => !classes.includes(kind));
  return `Only these classes of content were asked for: ${classes.join(', ')}. Of ${others.join(', ')} nothing was taken, which is no gap; what therefore cannot be answered is listed. Inventory and other documents have no class and are here.`;
}

const couldTell: Record<CapClass, string> = {
  files: 'What stood in files and registry keys of the nodes',
  commands: 'What programs on the nodes would have said of them',
  journal: 'What stood in the journals of the nodes',
  logs: 'What was logged, as it is stored',
  metrics: 'How loaded anything was',
};

/** Questions that stay open for classes that were not asked for, one a class. */
export const unaskedQuestions = (classes: AskedClasses): { kind: CapClass; question: string }[] =>
  capClasses
    .filter((kind) => !isAskedFor(classes, kind))
    .map((kind) => {
      const more = kind === 'metrics' ? ', so that there are no charts and no analyzer had samples to look at' : '';
      return { kind, question: `${couldTell[kind]}: the class ${kind} was not asked for${more}.` };
    });

const ofNodes: Record<NodeCapClass, string> = {
  files: 'files',
  commands: 'command output',
  journal: 'own journal',
};

/** What was asked of a node and is not there, as a clause: `files and command output were not gathered`. */
export function notGathered(classes: AskedClasses): string | undefined {
  const parts = nodeCapClasses.filter((kind) => isAskedFor(classes, kind)).map((kind) => ofNodes[kind]);
  const last = parts.pop();
  if (last === undefined) return undefined;
  const isOne = parts.length === 0 && last !== ofNodes.files;
  return `${parts.length > 0 ? `${parts.join(', ')} and ` : ''}${last} ${isOne ? 'was' : 'were'} not gathered`;
}

/** Whether everything that there was could be asked for: no role and no class was chosen. */
export const isAllAskedFor = ({ roles, classes }: { roles: readonly string[]; classes?: AskedClasses }): boolean =>
  roles.length === 0 && (classes ?? []).length === 0;
