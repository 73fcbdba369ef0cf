import picomatch from 'picomatch';
import type { Profile } from '../../profile/profile.ts';
import type { MultiLine } from './multi-line.ts';
import { compilePattern } from './pattern/pattern.ts';
import { loadEncoding, type TextEncoding } from './text-encoding.ts';

/** How one file is read. */
export interface FileFormat {
  /** Undefined: what the first bytes tell. */
  encoding: TextEncoding | undefined;
  multiLine: MultiLine | undefined;
  /** Lines as a container runtime writes them. */
  isCri: boolean;
  maxLineBytes: number;
}

/**
 * Makes the function that tells the format of a path: that of the first entry of the profile's `files.formats` with a
 * glob that matches. Loads the tables of code pages, and RE2 where a pattern needs it.
 */
export async function loadFormats(
  formats: Profile['files']['formats'],
  maxLineBytes: number,
): Promise<(path: string) => FileFormat> {
  const plain: FileFormat = { encoding: undefined, multiLine: undefined, isCri: false, maxLineBytes };
  const known = await Promise.all(
    formats.map(async ({ match, encoding, multiline, container, maxLineBytes: ownLimit }) => ({
      isMatch: picomatch([...match], { dot: true }),
      format: {
        encoding: await loadEncoding(encoding ?? 'auto'),
        multiLine: multiline && {
          start: multiline.start === undefined ? undefined : await compilePattern(multiline.start),
          continue: multiline.continue === undefined ? undefined : await compilePattern(multiline.continue),
          maxLines: multiline.maxLines ?? 500,
          flushAfterMs: multiline.flushAfter ?? 2_000,
        },
        isCri: container === 'cri',
        maxLineBytes: Math.min(ownLimit ?? maxLineBytes, maxLineBytes),
      },
    })),
  );
  return (path) => known.find(({ isMatch }) => isMatch(path))?.format ?? plain;
}
