import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';

const redactor = createRedactor({ key: Buffer.alloc(32, 7), profile: 'standard' });

/** Texts in which brackets stand around what is secret; one a line, or several lines between `<<<` and `>>>`. */
function formsIn(file: string): string[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return [...text.matchAll(/^<<<\n([\s\S]*?)\n>>>$|^(.+)$/gm)].map(([, lines, line]) => lines ?? line ?? '');
}

const asItIs = (text: string): string => text;
/** As records of logs lie in a bundle: the text is a string of JSON. */
const inRecord = (text: string): string => JSON.stringify({ time: 'x', body: text });

/** Secrets of which as much came through as says something: all, or a word that is a third of it. */
async function leaks(form: string, wrapped = asItIs): Promise<string[]> {
  const secrets = [...form.matchAll(/⟦([^⟧]*)⟧/g)].map(([, secret]) => secret ?? '');
  const bytes = Buffer.from(`before\n${wrapped(form.replace(/[⟦⟧]/g, ''))}\nafter\n`);
  const out: Buffer[] = [];
  for await (const chunk of redactor.stream([bytes], {}, 'bytes')) out.push(chunk);
  const redacted = Buffer.concat(out).toString('utf8');
  return secrets.filter((secret) =>
    [
      secret,
      ...secret.split(/[^A-Za-z0-9]+/).filter((word) => word.length > 5 && word.length > secret.length / 3),
    ].some((part) => redacted.includes(part)),
  );
}

test('nothing secret comes through of logs, configurations, exports and command lines', async () => {
  const forms = formsIn('forms-of-secrets.txt');
  expect(forms.length).toBeGreaterThan(1000);
  const leaked: string[] = [];
  for (const form of forms) if ((await leaks(form)).length > 0) leaked.push(form);
  expect(leaked).toEqual([]);
});

test('nor where the same lines are the text of records, but for protocols of mail and what follows a tab', async () => {
  const leaked: string[] = [];
  for (const form of formsIn('forms-of-secrets.txt')) {
    if (!form.includes('\n') && (await leaks(form, inRecord)).length > 0) leaked.push(form);
  }
  expect(leaked.filter((form) => !/^(?:a1 LOGIN |A001 LOGIN |> PASS |rootpw\t|\tsecret |"d":)/.test(form))).toEqual([]);
  expect(leaked.length).toBeLessThanOrEqual(6);
});

test('what is listed as passing still does: whatever mends a form moves it to the others', async () => {
  const masked: string[] = [];
  for (const form of formsIn('forms-that-pass.txt')) if ((await leaks(form)).length === 0) masked.push(form);
  expect(masked).toEqual([]);
});
