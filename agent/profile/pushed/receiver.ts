import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { keyIdText, type MinisignPublicKey, parsePublicKey } from '../../../bundle/minisign-key.ts';
import { writeFileAtomic } from '../../../durable/atomic-write.ts';
import type { Log } from '../../../logging/log.ts';
import type { AgentMessage, CollectorMessage, ProfileReport } from '../../../protocol/control.ts';
import {
  type ProfilesAnswer,
  parseDocument,
  parseProfilesAnswer,
  type SignedProfile,
} from '../../../protocol/pushed-profile.ts';
import { createBackoff } from '../../uplink/backoff.ts';
import type { CollectorClient } from '../../uplink/client.ts';
import type { Profile } from '../profile.ts';
import type { ReadProfile } from '../read.ts';
import { type HeldProfiles, nothingHeld, openHeld, readHeld } from './held.ts';
import { heldFile, pushedFolder } from './held-file.ts';
import { followKeys } from './key-chain.ts';
import type { PushedOutcome } from './layers.ts';
import { takeOffered } from './take.ts';

/** What a node can say of pushed profiles at any time. */
export type PushedState = Omit<ProfileReport, 'type' | 'roles'>;

export interface ProfileReceiver {
  /** Begins to listen; what comes is put into effect once `ready` has resolved. */
  start(): void;
  state(): PushedState;
  close(): Promise<void>;
}

interface ReceiverCapabilities {
  link: {
    send(message: AgentMessage): boolean;
    onMessage(handler: (message: CollectorMessage) => void): () => void;
    onConnect(handler: () => void): () => void;
  };
  client: Pick<CollectorClient, 'request'>;
  /** The node's profile with the pushed ones of a file. Rejects when its own layers have a fault. */
  readWith(file: string, believedKey: string): Promise<ReadProfile>;
  /** Puts a profile into effect; resolves when it is. */
  apply(profile: Profile): Promise<void>;
  /** Remembers the key that is believed from now on. */
  pin(publicKey: string): void;
  /** Told what changed, in words. */
  tell(text: string, refused: boolean): void;
  nowMs(): number;
  log: Log;
}

/** What has ended is noticed this soon also when the clock was set; timers take no more than 24.8 days. */
const longestWaitMs = 6 * 3_600_000;
const takesNone = 'this node takes no pushed profiles: agent.profiles.pushed is false in its own configuration';

/**
 * Asks for pushed profiles when the collector says that there are other ones, takes what proves itself and is without
 * fault on this node, keeps it on disk and then puts the whole into effect. What is not taken leaves what was before, and
 * the collector is told why.
 */
export function createProfileReceiver(
  { link, client, readWith, apply, pin, tell, nowMs, log }: ReceiverCapabilities,
  options: {
    dataDir: string;
    enabled: boolean;
    believedKey: string | undefined;
    /** Of the profiles that this agent has started with. */
    outcomes: PushedOutcome[];
    /** Names of the node's own layers, which the collector is told. */
    roles: string[];
    /** Sources run, and can be made anew. */
    ready: Promise<void>;
  },
): ProfileReceiver {
  const stopping = new AbortController();
  const stops: (() => void)[] = [];
  const file = heldFile(options.dataDir);
  const candidateFile = join(pushedFolder(options.dataDir), 'candidate.json');
  let believed = options.believedKey;
  let outcomes = options.outcomes;
  let roles = options.roles;
  let refused: PushedOutcome[] = [];
  let error = options.enabled ? undefined : takesNone;
  let held = options.enabled ? readOwn() : nothingHeld;
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  let working = Promise.race([options.ready, stopped]);
  let takenTag: string | undefined;
  let wantedTag: string | undefined;
  let fetching = false;
  let timer: NodeJS.Timeout | undefined;

  function readOwn(): HeldProfiles {
    try {
      const found = readHeld(file);
      // Of another site, from before this node was enrolled anew: its versions mean nothing here.
      const opened = found && openHeld(found, believed);
      if (opened && opened.signed.length < found.profiles.length) tellDamaged('were changed on its disk');
      return opened ? { ...found, profiles: opened.signed } : nothingHeld;
    } catch (cause) {
      log.error({ err: cause }, 'what was kept of pushed profiles cannot be read');
      tellDamaged('cannot be read');
      return nothingHeld;
    }
  }

  function tellDamaged(how: string): void {
    tell(
      `pushed profiles that this node kept ${how}: they are not in effect until the collector sends them again`,
      true,
    );
  }

  const state = (): PushedState => ({
    ...(believed !== undefined && { keyId: keyIdText(parsePublicKey(believed).keyId) }),
    ...(error !== undefined && { error }),
    profiles: [...outcomes, ...refused],
  });
  const report = (): void => void link.send({ type: 'profile-report', ...state(), roles });

  async function take(offered: ProfilesAnswer): Promise<void> {
    let key: MinisignPublicKey;
    try {
      key = followKeys(believed, offered.keys);
    } catch (cause) {
      error = (cause as Error).message;
      tell(`no pushed profile is taken: ${error}`, true);
      return;
    }
    error = undefined;
    mkdirSync(pushedFolder(options.dataDir), { recursive: true, mode: 0o700 });
    const judge = (profiles: SignedProfile[]): Promise<ReadProfile> => {
      writeFileAtomic(candidateFile, JSON.stringify({ keys: offered.keys, profiles, floors: {} }));
      return readWith(candidateFile, key.line);
    };
    const taken = await takeOffered(offered, held, key, judge, nowMs());
    // First the profiles, which the present key leads to as well, then the key: a crash between the two loses nothing.
    writeFileAtomic(file, JSON.stringify(taken.held));
    held = taken.held;
    if (believed !== key.line) {
      pin(key.line);
      log.info({ keyId: keyIdText(key.keyId), first: believed === undefined }, 'this node believes a new profile key');
      believed = key.line;
    }
    const known = new Set(refused.map((each) => JSON.stringify(each)));
    refused = taken.refused;
    for (const each of refused) {
      if (known.has(JSON.stringify(each))) continue;
      tell(`the pushed profile ${each.name} v${each.version} was refused: ${each.reason}`, true);
    }
    await use(taken.verdict);
  }

  async function use({ profile, pushed, roles: named }: ReadProfile): Promise<void> {
    roles = named;
    const changed = JSON.stringify(pushed) !== JSON.stringify(outcomes);
    outcomes = pushed;
    if (!changed) return;
    await apply(profile);
    const applied = pushed.filter((each) => each.state === 'applied').map(({ name, version }) => `${name} v${version}`);
    tell(
      applied.length > 0 ? `pushed profiles in effect: ${applied.join(', ')}` : 'no pushed profile is in effect',
      false,
    );
  }

  /** Works one after the other, and says afterwards what became of it. Rejects when it failed, which left what was. */
  async function inTurn(work: () => Promise<void>): Promise<void> {
    const done = working.then(async () => {
      if (!stopping.signal.aborted) await work();
    });
    working = done.catch((cause: unknown) => {
      error = `pushed profiles cannot be taken now: ${(cause as Error).message}`;
      log.error({ err: cause }, 'pushed profiles could not be taken');
    });
    await working;
    if (!stopping.signal.aborted) {
      scheduleEnd();
      report();
    }
    await done;
  }

  /** Does without what has ended by now. */
  async function endWhatIsOver(): Promise<void> {
    if (believed !== undefined) await use(await readWith(file, believed));
  }

  function scheduleEnd(): void {
    clearTimeout(timer);
    const inEffect = new Set(outcomes.filter((each) => each.state === 'applied').map(({ name }) => name));
    const ends = held.profiles
      .map(({ document }) => parseDocument(document))
      .filter(({ name }) => inEffect.has(name))
      .map(({ expiresUnixMs }) => expiresUnixMs);
    if (ends.length === 0) return;
    const waitMs = Math.min(Math.max(Math.min(...ends) - nowMs(), 0) + 100, longestWaitMs);
    timer = setTimeout(() => void inTurn(endWhatIsOver).catch(() => undefined), waitMs);
  }

  async function fetchWanted(): Promise<void> {
    if (fetching) return;
    fetching = true;
    const backoff = createBackoff({ firstMs: 1_000, maxMs: 60_000 });
    while (!stopping.signal.aborted && wantedTag !== takenTag) {
      const tag = wantedTag;
      try {
        const { status, body } = await client.request('/agent/v1/profiles', {
          method: 'GET',
          signal: stopping.signal,
        });
        if (status !== 200) throw new Error(`the collector answered ${status}`);
        const offered = parseProfilesAnswer(body.toString('utf8'));
        await inTurn(() => take(offered));
        takenTag = tag;
      } catch (cause) {
        if (stopping.signal.aborted) break;
        log.warn({ err: cause }, 'pushed profiles were not taken yet; trying again');
        await backoff.wait(stopping.signal);
      }
    }
    fetching = false;
  }

  return {
    start() {
      stops.push(
        link.onConnect(report),
        link.onMessage((message) => {
          if (message.type !== 'profiles' || !options.enabled) return;
          wantedTag = message.tag;
          void fetchWanted();
        }),
      );
      scheduleEnd();
    },
    state,
    async close() {
      for (const stop of stops) stop();
      clearTimeout(timer);
      stopping.abort();
      await working;
    },
  };
}
