import { createHash } from 'node:crypto';
import { signMinisign } from '../../bundle/minisign.ts';
import { keyIdText } from '../../bundle/minisign-key.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Log } from '../../logging/log.ts';
import type { ProfileReport } from '../../protocol/control.ts';
import { formatDocument, type ProfilesAnswer, profileLimits } from '../../protocol/pushed-profile.ts';
import type { ProfileKeyInfo, PushedProfileList, PushedProfileRow, PushedProfileText } from '../api/shapes/profiles.ts';
import type { ControlHub } from '../control/hub.ts';
import type { Audit } from '../state/audit.ts';
import type { State } from '../state/state.ts';
import { createKnownRoles } from './known-roles.ts';
import type { ProfileKeys } from './profile-keys.ts';
import { createProfileTable, type StoredProfile } from './profile-table.ts';

export interface ProfileOrder {
  name: string;
  text: string;
  /** With `roles` empty too: every node. */
  nodes: readonly string[];
  roles: readonly string[];
  /** Also roles that no node has. */
  force: boolean;
  validForMs: number;
}

/** Profile layers that this collector signs and hands to its nodes. */
export interface PushedProfiles {
  /** Signs a new version and tells the nodes. Throws SX_PROFILE_INVALID (the text), SX_NOT_FOUND (a node, a role). */
  push(order: ProfileOrder, by: string): PushedProfileRow;
  /** Takes a profile back on all nodes. Throws SX_NOT_FOUND. */
  withdraw(name: string, by: string): PushedProfileRow;
  list(): PushedProfileList;
  /** One with its text and what the nodes are sent. Throws SX_NOT_FOUND. */
  show(name: string): PushedProfileText;
  /** The public key, made when there is none. */
  key(by: string): ProfileKeyInfo;
  rotateKey(by: string): ProfileKeyInfo;
  /** What a node that asks is told. */
  answer(): ProfilesAnswer;
  close(): void;
}

/** A restored collector goes on above what nodes hold; one that lies must not use all numbers up. */
const maxLead = 10_000;

export function createPushedProfiles(
  parts: {
    state: State;
    keys: ProfileKeys;
    hub: Pick<ControlHub, 'connected' | 'send' | 'onConnect' | 'onMessage'>;
    nodeNames(): string[];
    audit: Audit;
  },
  capabilities: {
    /** Throws SX_PROFILE_INVALID with every fault of a layer's text. */
    check(text: string, name: string): void;
    nowMs(): number;
    log: Log;
  },
): PushedProfiles {
  const { state, keys, hub, audit } = parts;
  const { nowMs, log } = capabilities;
  const table = createProfileTable(state);
  const known = createKnownRoles({ nodeNames: parts.nodeNames, reports: table.reports });
  const audited = new Set<string>();
  let made: { tag: string; answer: ProfilesAnswer; madeUnixMs: number } | undefined;

  const keyId = (): string => keyIdText(keys.current().keyId);

  function offered(): { tag: string; answer: ProfilesAnswer } {
    // What has ended leaves the answer, so it is not kept for long.
    if (made && nowMs() - made.madeUnixMs < 60_000) return made;
    const key = keys.current();
    const profiles = table
      .newest()
      .filter(({ expiresUnixMs }) => expiresUnixMs > nowMs())
      .map(({ pushedBy: _, ...profile }) => {
        const document = formatDocument(profile);
        const comment = `profile ${profile.name} version ${profile.version}`;
        return { document, signature: signMinisign(Buffer.from(document), key, comment) };
      });
    const answer = { keys: keys.chain(), profiles };
    const tag = createHash('sha256').update(JSON.stringify(answer)).digest('hex');
    made = { tag, answer, madeUnixMs: nowMs() };
    return made;
  }

  const announce = (node: string): void => {
    hub.send(node, { type: 'profiles', tag: offered().tag });
  };

  function changed(): void {
    made = undefined;
    for (const node of hub.connected()) announce(node);
  }

  function add(profile: Omit<StoredProfile, 'version' | 'issuedUnixMs'>): StoredProfile {
    const before = table.newest().find(({ name }) => name === profile.name)?.version ?? 0;
    const held = table
      .reports()
      .flatMap(({ report }) => report.profiles)
      .filter(({ name, state: became, version }) => {
        const plausible = Number.isSafeInteger(version) && version <= before + maxLead;
        return name === profile.name && became !== 'refused' && plausible;
      });
    const version = Math.max(before, ...held.map((each) => each.version)) + 1;
    const stored = { ...profile, version, issuedUnixMs: nowMs() };
    table.add(stored);
    return stored;
  }

  function newest(name: string): StoredProfile {
    const found = table.newest().find((each) => each.name === name);
    if (!found)
      throw new SextantError('SX_NOT_FOUND', `no profile ${name} was ever pushed`, {
        nextStep: '`sextant profiles list` shows those that were',
      });
    return found;
  }

  function rowOf(profile: StoredProfile): PushedProfileRow {
    const { name, version, withdrawn, expiresUnixMs } = profile;
    const outcomes = table.reports().flatMap(({ node, report, atUnixMs }) =>
      report.profiles
        .filter((each) => each.name === name)
        .map((each) => ({
          node,
          version: each.version,
          state: each.state,
          reason: each.reason ?? null,
          at: new Date(atUnixMs).toISOString(),
        })),
    );
    const said = new Set(outcomes.filter((each) => each.version === version).map(({ node }) => node));
    const wanted = profile.nodes.length > 0 ? profile.nodes : profile.roles.length > 0 ? [] : parts.nodeNames();
    return {
      name,
      version,
      state: withdrawn ? 'withdrawn' : expiresUnixMs <= nowMs() ? 'expired' : 'active',
      nodes: [...profile.nodes],
      roles: [...profile.roles],
      rolesWithoutNode: known.without(profile.roles),
      issuedAt: new Date(profile.issuedUnixMs).toISOString(),
      expiresAt: new Date(expiresUnixMs).toISOString(),
      pushedBy: profile.pushedBy,
      bytes: Buffer.byteLength(profile.text),
      outcomes,
      waiting: wanted.filter((node) => !said.has(node)),
    };
  }

  const keyInfo = (): ProfileKeyInfo => ({
    keyId: keyId(),
    publicKey: keys.current().publicKey.line,
    earlier: keys
      .chain()
      .slice(0, -1)
      .map(({ publicKey }) => publicKey),
  });

  function heard(node: string, report: ProfileReport): void {
    const before = table.reports().find((each) => each.node === node)?.report;
    if (JSON.stringify(before) === JSON.stringify(report)) return;
    table.saveReport(node, report, nowMs());
    for (const { name, version } of table.newest()) {
      const said = report.profiles.find((each) => each.name === name && each.version === version);
      if (said?.state === 'refused') auditOnce(node, { name, version, reason: said.reason ?? '' });
    }
    if (report.error !== undefined) auditOnce(node, { key: keyId(), reason: report.error });
  }

  /** A node that changes its words must not fill the audit. */
  function auditOnce(node: string, details: Record<string, unknown>): void {
    const { reason: _, ...what } = details;
    const once = JSON.stringify([node, what]);
    if (audited.has(once)) return;
    audited.add(once);
    audit('profile.refused', node, details);
  }

  const stops = [
    hub.onConnect(announce),
    hub.onMessage((node, message) => {
      if (message.type === 'profile-report') heard(node, message);
    }),
  ];

  return {
    push({ name, text, nodes, roles, force, validForMs }, by) {
      capabilities.check(text, name);
      const names = new Set(parts.nodeNames());
      const unknown = nodes.find((node) => !names.has(node));
      if (unknown !== undefined) {
        throw new SextantError('SX_NOT_FOUND', `there is no node ${unknown}`, {
          nextStep: 'see `sextant nodes` for the names',
        });
      }
      if (!force) known.demand(roles);
      const active = table.newest().filter((each) => each.expiresUnixMs > nowMs() && each.name !== name);
      if (active.length >= profileLimits.documents) {
        throw new SextantError('SX_CONFLICT', `there are ${active.length} pushed profiles already`, {
          nextStep: 'push under one of their names; a withdrawn one counts until its last version would have ended',
        });
      }
      const key = keyId();
      const stored = state.transaction(() => {
        const added = add({
          name,
          text,
          nodes,
          roles,
          expiresUnixMs: nowMs() + validForMs,
          withdrawn: false,
          pushedBy: by,
        });
        const { version, expiresUnixMs } = added;
        audit('profile.pushed', by, {
          name,
          version,
          nodes,
          roles,
          expires: new Date(expiresUnixMs).toISOString(),
          key,
        });
        return added;
      });
      changed();
      log.info({ profile: name, version: stored.version, by }, 'a profile was pushed');
      return rowOf(stored);
    },
    withdraw(name, by) {
      const present = newest(name);
      if (present.withdrawn)
        throw new SextantError('SX_NOT_FOUND', `the profile ${name} was withdrawn already`, {
          nextStep: 'there is nothing to withdraw; `sextant profiles list` shows what nodes made of it',
        });
      const stored = state.transaction(() => {
        // Offered as long as any version of it could still be believed by a node that was away.
        const expiresUnixMs = Math.max(table.lastEnd(name), nowMs() + 1);
        const { nodes, roles } = present;
        const added = add({ name, text: '', nodes, roles, expiresUnixMs, withdrawn: true, pushedBy: by });
        audit('profile.withdrawn', by, { name, version: added.version });
        return added;
      });
      changed();
      return rowOf(stored);
    },
    list: () => ({
      keyId: keys.exists() ? keyId() : null,
      profiles: table.newest().map(rowOf),
      nodes: table.reports().map(({ node, report, atUnixMs }) => ({
        node,
        keyId: report.keyId ?? null,
        error: report.error ?? null,
        roles: report.roles ?? null,
        at: new Date(atUnixMs).toISOString(),
      })),
    }),
    show(name) {
      const stored = newest(name);
      const { pushedBy: _, ...profile } = stored;
      const document = formatDocument(profile);
      const comment = `profile ${name} version ${profile.version}`;
      const signature = signMinisign(Buffer.from(document), keys.current(), comment);
      return { ...rowOf(stored), text: profile.text, document, signature };
    },
    key(by) {
      if (!keys.exists()) audit('profile.key-made', by, { key: keyId() });
      return keyInfo();
    },
    rotateKey(by) {
      const before = keyId();
      keys.rotate();
      audit('profile.key-rotated', by, { before, key: keyId() });
      changed();
      return keyInfo();
    },
    answer: () => offered().answer,
    close() {
      for (const stop of stops) stop();
    },
  };
}
