import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAuthority } from '../../../../collector/identity/authority.ts';
import { openServerCertificate } from '../../../../collector/identity/server-certificate.ts';
import { serverNames } from '../../../../collector/identity/server-names.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 0, 1);
const at = (ms: number) => ({ site: '#1 "South", a=b', nowMs: () => ms });
const temporaryFolder = () => join(mkdtempSync(join(tmpdir(), 'sextant-ca-')), 'ca');

test('the authority is made once: P-256, ten years, key for its owner only', async () => {
  const folder = temporaryFolder();
  const first = await openAuthority(folder, at(startMs));
  const certificate = new X509Certificate(first.certificatePem);
  expect(certificate.ca).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  expect(certificate.validFromDate.getTime()).toBe(startMs - dayMs);
  expect(certificate.validToDate.getTime()).toBe(startMs + 3650 * dayMs);
  expect(certificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(first.fingerprint);
  expect(certificate.subject).toBe('CN=Sextant CA\nO=1 South a b');
  expect(statSync(join(folder, 'ca.key')).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);

  const again = await openAuthority(folder, at(startMs + dayMs));
  expect(again.made).toBe(false);
  expect(again.certificatePem).toBe(first.certificatePem);
});

test('a start that was interrupted before the certificate was written begins anew', async () => {
  const folder = temporaryFolder();
  await openAuthority(folder, at(startMs));
  rmSync(join(folder, 'ca.crt'));
  expect((await openAuthority(folder, at(startMs))).made).toBe(true);
});

test('a certificate whose key is missing or another’s is never replaced', async () => {
  const folder = temporaryFolder();
  await openAuthority(folder, at(startMs));
  const pem = readFileSync(join(folder, 'ca.crt'), 'utf8');
  rmSync(join(folder, 'ca.key'));
  const missing = await openAuthority(folder, at(startMs)).catch((error) => error);
  expect(missing).toBeInstanceOf(SextantError);
  expect(missing.line()).toMatch(/SX_DATA_FOLDER: cannot use the authority .*restore ca\.key/);

  const other = temporaryFolder();
  await openAuthority(other, at(startMs));
  writeFileSync(join(folder, 'ca.key'), readFileSync(join(other, 'ca.key')));
  await expect(openAuthority(folder, at(startMs))).rejects.toThrow(/not the one of the certificate/);
  expect(readFileSync(join(folder, 'ca.crt'), 'utf8')).toBe(pem);
});

test('the server certificate carries its names and is kept until it nears its end', async () => {
  const folder = temporaryFolder();
  const authority = await openAuthority(folder, at(startMs));
  const names = ['localhost', '127.0.0.1', '::1', 'collector.site'];
  const open = (nowMs: number, wanted = names) =>
    openServerCertificate(folder, { authority, names: wanted, nowMs: () => nowMs });

  // The authority's clock stands still; the certificate's end counts from its making.
  const first = await open(startMs);
  expect(first.renewedBecause).toBe('there was none that could be read');
  expect(statSync(join(folder, 'server.key')).mode & 0o777).toBe(0o600);
  const certificate = new X509Certificate(first.chainPem);
  for (const name of ['127.0.0.1', '::1']) expect(certificate.checkIP(name)).toBe(name);
  for (const name of ['localhost', 'collector.site']) expect(certificate.checkHost(name)).toBe(name);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(first.chainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);

  expect((await open(startMs + 330 * dayMs)).renewedBecause).toBeUndefined();
  expect((await open(startMs + 336 * dayMs)).renewedBecause).toBe('it nears its end');
  expect((await open(startMs, [...names, '10.0.0.7'])).renewedBecause).toBe('it lacked the name 10.0.0.7');
  expect((await open(startMs)).renewedBecause).toBeUndefined();
});

test('a damaged server certificate, or one of another authority, is made anew', async () => {
  const folder = temporaryFolder();
  const authority = await openAuthority(folder, at(startMs));
  const open = () => openServerCertificate(folder, { authority, names: ['localhost'], nowMs: () => startMs });
  await open();
  writeFileSync(join(folder, 'server.crt'), 'damaged');
  expect((await open()).renewedBecause).toBe('there was none that could be read');

  const otherFolder = temporaryFolder();
  const other = await openAuthority(otherFolder, at(startMs));
  await openServerCertificate(otherFolder, { authority: other, names: ['localhost'], nowMs: () => startMs });
  for (const file of ['server.crt', 'server.key']) {
    writeFileSync(join(folder, file), readFileSync(join(otherFolder, file)));
  }
  expect((await open()).renewedBecause).toBe('another authority signed it');
});

test('the address that is listened on is one of the names', () => {
  expect(serverNames({ listen: '10.1.2.3', names: ['collector.site'] })).toEqual(
    expect.arrayContaining(['localhost', '127.0.0.1', '::1', '10.1.2.3', 'collector.site']),
  );
  expect(serverNames({ listen: '0.0.0.0', names: [] })).not.toContain('0.0.0.0');
});

test('a name that no certificate can carry is a fault of the configuration', () => {
  const names = ['collector.site', 'two words', '*.site', '10.0.0.1', 'fe80::1', '-x'];
  expect(() => serverNames({ listen: '127.0.0.1', names })).toThrow(
    'collector.names: “two words”, “*.site”, “-x” is neither a DNS name nor an address',
  );
});
