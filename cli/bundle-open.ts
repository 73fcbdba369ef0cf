import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type Case, openCase } from '../collector/case/case-folder.ts';
import { demandCasePlace, isCase } from '../collector/case/new-case.ts';
import { type ServedCase, serveCase } from '../collector/case/serve-case.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { createLog } from '../logging/log.ts';
import { importInto } from './bundle-import.ts';
import { readBundleKeys } from './bundle-keys.ts';
import type { BundleOpenOptions } from './bundle-reading-commands.ts';
import { endWithoutLibraries } from './end-without-libraries.ts';
import { interruption } from './interruption.ts';
import { checkBundleFolders } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { makeScratchFolder } from './scratch-folder.ts';

/** Shows bundles or a case in the dashboard until it is stopped. A temporary case is removed, however this ends. */
export async function openBundles(paths: readonly [string, ...string[]], options: BundleOpenOptions): Promise<void> {
  await checkBundleFolders(paths);
  const keys = await readBundleKeys(options);
  const interrupted = interruption();
  const { signal } = interrupted;
  const cases = paths.filter(isCase);
  if (cases.length > 0 && (paths.length > 1 || options.case !== undefined)) {
    throw new SextantError('SX_BAD_REQUEST', 'open one case folder, or bundles', {
      nextStep: 'add bundles to a case with `sextant bundle import`, or with --case',
    });
  }
  const [existing] = cases;
  if (options.case !== undefined) demandCasePlace(options.case);
  const temporary =
    existing === undefined && options.case === undefined ? await makeScratchFolder('sextant-case-') : undefined;
  const folder = existing ?? options.case ?? temporary ?? '';
  const log = createLog('case', 'error');
  let target: Case | undefined;
  let served: ServedCase | undefined;
  try {
    const opened = async (): Promise<Case> => {
      if (!target) {
        await endWithoutLibraries();
        target = await openCase(folder, log);
      }
      return target;
    };
    if (existing === undefined) await importInto(opened, paths, { ...options, keys }, signal);
    const shown = await opened();
    served = await serveCase(shown, { log, port: options.port });
    await announce(served, shown, folder, options);
    await new Promise<void>((done) => {
      if (signal.aborted) done();
      else signal.addEventListener('abort', () => done(), { once: true });
    });
  } finally {
    await served?.close();
    await target?.close();
    interrupted.close();
    if (temporary !== undefined) {
      // The engine may still be writing when its connections are closed.
      process.chdir(tmpdir());
      await rm(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  }
}

async function announce(
  { url, signinToken, fingerprint }: ServedCase,
  target: Case,
  folder: string,
  options: BundleOpenOptions,
): Promise<void> {
  const bundles = target.records.bundles().map(({ name }) => name);
  const signin = `${url}/#signin=${signinToken}`;
  if (options.json) {
    await print(`${JSON.stringify({ url, signin, fingerprint, case: folder, bundles })}\n`);
    return;
  }
  await print(`
Evidence, not live: ${bundles.map(printable).join(', ')}

  Sign in (once, within 15 minutes):  ${signin}

  The browser does not know the certificate, which was made for this alone, and asks once. Compare before you accept:
  SHA-256  ${fingerprint}

  Case folder: ${printable(folder)}
Ctrl+C stops it.
`);
}
