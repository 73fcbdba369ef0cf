import { type Static, Type } from 'typebox';
import { hyphenatedWords, nameWords, textPattern } from '../../config/text-pattern.ts';
import { Bytes, CommandLine, closed, Duration, GlobSet, NamedList } from './section.ts';

const BundleItem = closed({
  /** Stable name of the item in coverage and in the volume. */
  name: Type.String({ pattern: textPattern('^[a-z0-9][a-z0-9-]*$', hyphenatedWords), maxLength: 100 }),
  enabled: Type.Optional(Type.Boolean()),
  /** Globs of files; only parts changed inside the window are taken. */
  files: Type.Optional(GlobSet({ reach: 'files' })),
  /** Its output becomes one file. */
  command: Type.Optional(CommandLine()),
  /**
   * Registry keys of Windows, each with all below it, as redacted text. Not a whole hive, and nothing of where Windows keeps
   * its secrets.
   */
  registry: Type.Optional(
    Type.Array(
      Type.String({
        maxLength: 512,
        pattern: textPattern(
          '^HK(?:LM|U|CR|CC)\\\\(?!(?:[Ss][Aa][Mm]|[Ss][Ee][Cc][Uu][Rr][Ii][Tt][Yy])(?:\\\\|$))[^\\\\"]+(?:\\\\[^\\\\"]+)+$',
          'must be a key two levels or more below HKLM, HKU, HKCR or HKCC, and none of SAM or SECURITY',
        ),
      }),
      { merge: 'union', reach: 'files' },
    ),
  ),
  /** Takes `files` as they are, into the raw volume: only when asked for, not redacted, encrypted only. */
  raw: Type.Optional(Type.Boolean({ reach: 'files' })),
  /** Channels of the Windows event log as `.evtx` with their texts, into the raw volume. */
  eventLogs: Type.Optional(
    Type.Array(
      Type.String({
        maxLength: 255,
        pattern: textPattern('^[A-Za-z0-9][^"<>|&*?]*$', 'must be the name of one channel, without wildcards'),
      }),
      { merge: 'union', reach: 'logs' },
    ),
  ),
  /** The systemd journal of the window. */
  journal: Type.Optional(Type.Boolean({ reach: 'logs' })),
  /** What the agent says of itself. */
  status: Type.Optional(Type.Boolean()),
  /** How long a command may run; of anything else, how long it may bring nothing before it is given up. */
  timeout: Type.Optional(Duration()),
  /** The most that files, the journal, keys or channels may take, however steadily they come. */
  maxDuration: Type.Optional(Duration()),
  maxBytes: Type.Optional(Bytes({ minimum: 1024 })),
  /** What a command prints, for the estimate of one that has not run yet and should not be tried for that. */
  expect: Type.Optional(Bytes({ minimum: 0 })),
});
export type BundleItem = Static<typeof BundleItem>;

/** Role → what a bundle takes for it. */
export const bundle = {
  schema: Type.Record(
    // As long as the control stream takes a role's name; a longer one would be a message that it refuses as a whole.
    Type.String({ pattern: textPattern('^[a-z0-9][a-z0-9-]{0,63}$', nameWords(64)) }),
    closed({
      description: Type.String(),
      enabled: Type.Optional(Type.Boolean()),
      items: NamedList(BundleItem),
    }),
    // Else a role of another name would be taken unseen.
    { additionalProperties: false },
  ),
  defaults: {},
};
