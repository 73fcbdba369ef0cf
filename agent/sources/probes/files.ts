import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { askedGlob } from '../../filesystems/glob.ts';
import { Unanswered } from '../../filesystems/unanswered.ts';
import type { OpenQuestions } from '../open-questions.ts';
import { type CertificateFacts, certificateSamples, factsOf } from './certificates.ts';
import type { ProbeResult } from './probe.ts';

/** What one probe looks through at most. */
const maxFiles = 10_000;
const maxCertificateFiles = 500;
const maxCertificateBytes = 1024 * 1024;
const globPatienceMs = 10_000;

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
  const { paths, silent: unlisted } = await matching(files, maxFiles, questions);
  let silent = unlisted;
  for (const path of paths) {
    const found = await answerOf(questions, path, () => stat(path));
    if (found === 'silent') silent ??= path;
    else if (found?.isFile() && found.mtimeMs > (newest?.modifiedMs ?? 0)) newest = { path, modifiedMs: found.mtimeMs };
  }
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
  const { paths, silent: unlisted } = await matching(files, maxCertificateFiles, questions);
  const read: { path: string; certificates: CertificateFacts[] | 'silent' }[] = [];
  // One after the other: all at once they would take every thread that there is for such questions.
  for (const path of paths) read.push({ path, certificates: await readCertificates(path, questions) });
  const silent = unlisted ?? read.find(({ certificates }) => certificates === 'silent')?.path;
  if (silent) return noAnswer(silent);
  const found = read.flatMap(({ path, certificates }) =>
    certificates === 'silent' || certificates.length === 0 ? [] : [{ path, certificates }],
  );
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

async function readCertificates(path: string, questions: OpenQuestions): Promise<CertificateFacts[] | 'silent'> {
  const content = await answerOf(questions, path, async () => {
    const { size } = await stat(path);
    return size > maxCertificateBytes ? Buffer.alloc(0) : readFile(path);
  });
  if (content === 'silent') return content;
  if (content === undefined || content.length === 0) return [];
  const blocks = content.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  try {
    return (blocks ?? [content]).map((block) => factsOf(new X509Certificate(block)));
  } catch {
    return [];
  }
}

const noAnswer = (path: string): ProbeResult => ({
  up: false,
  errorType: 'timeout',
  detail: `no answer from ${path}`,
});

/** The answer; undefined for a refusal of the operating system, `silent` for none. */
async function answerOf<Answer extends object>(
  questions: OpenQuestions,
  path: string,
  question: () => Promise<Answer>,
): Promise<Answer | undefined | 'silent'> {
  try {
    return (await questions.ask(path, question)) ?? 'silent';
  } catch {
    return undefined;
  }
}

/** Paths that globs find; `silent` is a glob, or the reason why a filesystem was gone around, when there is no answer. */
async function matching(
  globs: readonly string[],
  most: number,
  questions: OpenQuestions,
): Promise<{ paths: string[]; silent: string | undefined }> {
  const paths = new Set<string>();
  let silent: string | undefined;
  for (const pattern of globs) {
    const found = askedGlob(pattern, {
      mounts: questions.mounts,
      // One step may go through many folders that hold nothing.
      ask: async (path, question) => {
        const answer = await questions.ask(path, question, globPatienceMs);
        if (answer === undefined) throw new Unanswered(path);
        return answer;
      },
      onSilent: ({ message }) => {
        silent ??= message;
      },
    });
    try {
      for await (const path of found) {
        if (paths.size >= most) return { paths: [...paths], silent };
        paths.add(path);
      }
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      silent ??= pattern;
    }
  }
  return { paths: [...paths], silent };
}
