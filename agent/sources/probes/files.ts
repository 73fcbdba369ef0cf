import { X509Certificate } from 'node:crypto';
import { glob, readFile, stat } from 'node:fs/promises';
import type { OpenQuestions } from '../open-questions.ts';
import { type CertificateFacts, certificateSamples, factsOf } from './certificates.ts';
import type { ProbeResult } from './probe.ts';

/** What one probe looks through at most. */
const maxFiles = 10_000;
const maxCertificateFiles = 500;
const maxCertificateBytes = 1024 * 1024;

interface Asking {
  questions: OpenQuestions;
  nowMs(): number;
}

/** Age of the newest file of some globs. */
export async function probeFileAge(
  { files, maxAge }: { files: readonly string[]; maxAge: number },
  { questions, nowMs }: Asking,
): Promise<ProbeResult> {
  let newest: { path: string; modifiedMs: number } | undefined;
  const paths = await matching(files, maxFiles);
  for (const path of paths) {
    const found = await questions.ask(path, () => stat(path)).catch(() => undefined);
    if (found?.isFile() && found.mtimeMs > (newest?.modifiedMs ?? 0)) newest = { path, modifiedMs: found.mtimeMs };
  }
  const silent = paths.find((path) => questions.hanging().includes(path));
  if (!newest && silent) return noAnswer(silent);
  if (!newest) return { up: false, errorType: 'no_file', detail: `there is no file ${files.join(', ')}` };
  const ageMs = Math.max(0, nowMs() - newest.modifiedMs);
  const samples = [
    { metric: 'sextant.probe.file.age' as const, value: ageMs / 1000, attributes: { 'file.path': newest.path } },
  ];
  if (ageMs <= maxAge) return { up: true, samples };
  const detail = `the newest, ${newest.path}, is ${Math.round(ageMs / 1000)} s old`;
  return { up: false, errorType: 'too_old', detail, samples };
}

/** Time left of the certificates in files: PEM with any number of them, or DER. */
export async function probeCertificateFiles(
  files: readonly string[],
  { questions, nowMs }: Asking,
): Promise<ProbeResult> {
  const paths = await matching(files, maxCertificateFiles);
  const read = await Promise.all(
    paths.map(async (path) => ({ path, certificates: await readCertificates(path, questions).catch(() => []) })),
  );
  const silent = paths.find((path) => questions.hanging().includes(path));
  if (silent) return noAnswer(silent);
  const found = read.filter(({ certificates }) => certificates.length > 0);
  if (found.length === 0) return { up: false, errorType: 'no_file', detail: `no certificate in ${files.join(', ')}` };
  const all = found.flatMap(({ path, certificates }) => certificates.map((facts) => ({ path, facts })));
  return judgeCertificates(all, nowMs());
}

/** Up when all certificates are valid now; the samples of all of them. */
export function judgeCertificates(
  all: readonly { path: string; facts: CertificateFacts }[],
  nowMs: number,
): ProbeResult {
  const samples = all.flatMap(({ path, facts }) => certificateSamples(path, [facts], nowMs));
  const bad = all.find(({ facts }) => facts.expiresMs <= nowMs || facts.beginsMs > nowMs);
  if (!bad) return { up: true, samples };
  const expired = bad.facts.expiresMs <= nowMs;
  const detail = `${bad.facts.commonName} in ${bad.path} ${expired ? 'has expired' : 'is not valid yet'}`;
  return { up: false, errorType: expired ? 'tls_expired' : 'tls_not_yet_valid', detail, samples };
}

async function readCertificates(path: string, questions: OpenQuestions): Promise<CertificateFacts[]> {
  const content = await questions.ask(path, async () => {
    const { size } = await stat(path);
    return size > maxCertificateBytes ? undefined : readFile(path);
  });
  if (content === undefined) return [];
  const blocks = content.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  return (blocks ?? [content]).map((block) => factsOf(new X509Certificate(block)));
}

const noAnswer = (path: string): ProbeResult => ({
  up: false,
  errorType: 'timeout',
  detail: `no answer from ${path}`,
});

async function matching(globs: readonly string[], most: number): Promise<string[]> {
  const paths = new Set<string>();
  for (const pattern of globs) {
    for await (const path of glob(pattern)) {
      if (paths.size >= most) return [...paths];
      paths.add(path);
    }
  }
  return [...paths];
}
