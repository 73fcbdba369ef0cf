import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openServedStore } from './open-served-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'sextant-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

const certificate = (name: string, address: string): { key: string; cert: string; file: string } => {
  const [key, file] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const what = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`];
  execFileSync(
    'openssl',
    ['req', '-x509', ...what, '-days', '2', '-addext', `subjectAltName=IP:${address}`, '-keyout', key, '-out', file],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file };
};

const ours = certificate('ours', '127.0.0.1');

test('a server with the configured authority is believed, and files go to it', async () => {
  const site = await openServedStore({ tls: ours }, { 'storage.caFile': ours.file });
  await site.store.insertJournalFile(site.writeFile('logs', [Buffer.alloc(0)]));
  expect((await site.store.query('SELECT count() AS n FROM otel_logs')).rows).toEqual([{ n: 0 }]);
  await site.close();
});

test.each([
  ['no authority of ours', {}, ours, /self-signed|certificate/i],
  ['another authority', { 'storage.caFile': certificate('another', '127.0.0.1').file }, ours, /certificate/i],
])('a server whose certificate has %s gets neither password nor data', async (_, settings, tls, message) => {
  const site = await openServedStore({ tls }, settings);
  await expect(site.store.query('SELECT 1')).rejects.toMatchObject({
    code: 'SX_STORAGE_AWAY',
    message: expect.stringMatching(message),
  });
  expect(site.front.seen).toEqual([]);
  await site.close();
});

test('a certificate for another address is not believed', async () => {
  const elsewhere = certificate('elsewhere', '192.0.2.1');
  const site = await openServedStore({ tls: elsewhere }, { 'storage.caFile': elsewhere.file });
  await expect(site.store.query('SELECT 1')).rejects.toMatchObject({ code: 'SX_STORAGE_AWAY' });
  expect(site.front.seen).toEqual([]);
  await site.close();
});
