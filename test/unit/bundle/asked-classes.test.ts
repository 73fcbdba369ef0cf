import { expect, test } from 'vitest';
import { askedClasses, checkClasses, classesNote, onNodes } from '../../../bundle/asked-classes.ts';

test('classes are told each once and in one order, and all of them are no choice', () => {
  expect(askedClasses(['metrics', 'files', 'metrics'])).toEqual(['files', 'metrics']);
  expect(askedClasses(['metrics', 'logs', 'journal', 'commands', 'files'])).toEqual([]);
  expect(classesNote([])).toBeUndefined();
});

test('nodes are told what they are to bring: nothing of it without a choice, an empty list when it is none of theirs', () => {
  expect(onNodes([])).toEqual({});
  expect(onNodes(['commands', 'logs'])).toEqual({ classes: ['commands'] });
  expect(onNodes(['metrics'])).toEqual({ classes: [] });
});

test('refuses raw files without files, and Parquet without anything that is stored', () => {
  expect(() => checkClasses({ classes: ['journal'], raw: true })).toThrow('raw files are of the class files');
  expect(() => checkClasses({ classes: ['files', 'commands'], parquet: true })).toThrow('neither is asked for');
  for (const classes of [[], ['files', 'metrics']] as const) checkClasses({ classes, raw: true, parquet: true });
});
