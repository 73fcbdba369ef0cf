import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LogPipeline } from '../source.ts';
import type { FollowedFile } from './followed-file.ts';
import { fingerprint } from './head.ts';
import type { FileIdentity } from './identity.ts';
import { isPacked } from './packed.ts';
import { type FilePosition, parsePosition, positionKey } from './position.ts';
import type { Registry } from './registry.ts';
import { namesBeforeRotation } from './rotated-names.ts';
import type { AskPath } from './scan-questions.ts';
import { continues } from './start-position.ts';

/** A copy that holds less than its original's first bytes is still being made, if it was written to this lately. */
const copyingMs = 5_000;

/**
 * What copytruncate leaves beside a followed file: a copy is passed over while its original has the same content, and read
 * on in when the original was truncated.
 */
export function createCopies(options: {
  registry: Registry;
  logs: LogPipeline;
  /** Paths that are not read, and the file that each led to. */
  passedOver: Map<string, string>;
  /** Paths of what may be copies in the making, likewise. */
  undecided: Map<string, string>;
  readable(path: string, ask: AskPath): Promise<FileIdentity | undefined>;
  /** Undefined when it is followed already. */
  follow(path: string, position: FilePosition, identity: FileIdentity): FollowedFile | undefined;
  mark(file: FollowedFile): void;
  nowMs(): number;
}) {
  const { registry, logs, passedOver, undecided, readable, follow, mark, nowMs } = options;
  /** Copies that were found, by inode: positions are read back only when they are durable. */
  const found = new Map<string, FilePosition>();

  function markCopy(path: string, position: FilePosition): void {
    const key = positionKey(position.dev, position.ino);
    logs.mark(key, JSON.stringify(position));
    found.set(key, position);
    passedOver.set(path, key);
  }

  /**
   * True when this is a copy that a copytruncate is just making of a followed file: what it holds is read from the
   * original until that is truncated, and from the copy then. A marked copy is not read after a restart either. One
   * of which too little is there yet is looked at again.
   */
  function passOver(path: string, identity: FileIdentity): boolean {
    // Found by its original's truncation while this look was under way.
    const key = positionKey(identity.dev, identity.ino);
    if (registry.get(key)) return true;
    const known = found.get(key);
    if (known && continues(known, identity)) return true;
    found.delete(key);
    const { suffix, infix } = namesBeforeRotation(basename(path));
    for (const original of originals(path)) {
      if (original.position.headBytes === 0) continue;
      const name = basename(original.position.path);
      // A copy is younger than what it was made of; a renamed file is older than the one that took its place.
      if (identity.birthUnixMs < original.birthUnixMs) continue;
      // `app-1.log` may be a log of its own that begins like `app.log`: only a full head is proof enough.
      if (name === infix && name !== suffix && original.position.headBytes < 1024) continue;
      if (!continues({ ...original.position, offset: 0 }, identity)) {
        const begins = original.head.subarray(0, identity.head.length).equals(identity.head);
        if (!begins || nowMs() - identity.modifiedUnixMs > copyingMs) continue;
        undecided.set(path, key);
        passedOver.delete(path);
        return true;
      }
      const position: FilePosition = {
        ...original.position,
        dev: identity.dev,
        ino: identity.ino,
        offset: 0,
        copy: true,
      };
      // The original's head becomes durable with it: by that the copy is found again if the original is truncated.
      mark(original);
      markCopy(path, position);
      return true;
    }
    return false;
  }

  /** Followed files that this one may be a copy of, by its name; the original may have been renamed since. */
  function* originals(path: string): Iterable<FollowedFile> {
    const { suffix, infix } = namesBeforeRotation(basename(path));
    const bySuffix = suffix && join(dirname(path), suffix);
    const byInfix = infix && join(dirname(path), infix);
    if (!bySuffix && !byInfix) return;
    for (const { file } of registry.all()) {
      const { path: original } = file.position;
      if (original === bySuffix || original === byInfix) yield file;
    }
  }

  /**
   * Finds the copy that holds the old content of a truncated file and goes on there; resolves with its size. One that
   * was made before the last lines were read is the copy too, and holds nothing new. `head` are the old content's first
   * bytes, where they are still known: by them a copy is told that is shorter than they are.
   */
  async function followOf(old: FilePosition, ask: AskPath, head?: Buffer): Promise<{ size: number } | undefined> {
    if (old.headBytes === 0) return undefined;
    const { seen: _, copy: __, ...whole } = old;
    let shorter: { path: string; identity: FileIdentity } | undefined;
    for await (const { path, identity } of rotations(old.path, ask)) {
      if (identity.ino === old.ino) continue;
      const isWhole = continues({ ...old, offset: 0 }, identity);
      if (!isWhole && !(head && isBeginning(identity, head))) continue;
      const key = positionKey(identity.dev, identity.ino);
      if (registry.get(key)) continue;
      if (!isWhole || identity.size < old.offset) {
        const marked = parsePosition(logs.position(key));
        if (identity.size > (shorter?.identity.size ?? 0) && (!marked || marked.copy)) {
          shorter = { path, identity };
        }
        continue;
      }
      const file = follow(path, { ...whole, dev: identity.dev, ino: identity.ino }, identity);
      if (!file) continue;
      file.rotated = true;
      mark(file);
      return { size: identity.size };
    }
    if (!shorter) return undefined;
    const { dev, ino, size, head: own } = shorter.identity;
    const known = { headBytes: own.length, fingerprint: fingerprint(own) };
    markCopy(shorter.path, { ...whole, ...known, dev, ino, offset: 0, copy: true });
    return { size };
  }

  /** Files beside this one that may have been made of it, by their names, each once; open until the next is asked for. */
  async function* rotations(of: string, ask: AskPath): AsyncGenerator<{ path: string; identity: FileIdentity }> {
    const seen = new Set<string>();
    // Twice, and again after what is new: a rotation under way renames one after the other, past the name looked at.
    for (let pass = 0, before = 0; pass < 2 || before < seen.size; pass += 1) {
      before = seen.size;
      const folder = dirname(of);
      for (const name of await ask(folder, () => readdir(folder).catch(() => [] as string[]))) {
        const path = join(folder, name);
        const { suffix, infix } = namesBeforeRotation(name);
        if (path === of || isPacked(path) || (suffix !== basename(of) && infix !== basename(of))) continue;
        await using identity = await readable(path, ask);
        if (!identity || seen.has(identity.ino)) continue;
        seen.add(identity.ino);
        yield { path, identity };
      }
    }
  }

  return { passOver, followOf };
}

/** The whole file is no more than the first bytes of these. */
const isBeginning = ({ head, size }: FileIdentity, of: Buffer): boolean =>
  size > 0 && size === head.length && size < of.length && of.subarray(0, size).equals(head);
