import type { CollectorMessage } from '../../protocol/control.ts';

type Check = (value: unknown) => boolean;

const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const id: Check = (value) => typeof value === 'string' && value.length <= 64;
const ordinal: Check = (value) => Number.isInteger(value) && (value as number) >= 1;
const flag: Check = (value) => value === undefined || typeof value === 'boolean';
const roles: Check = (value) => Array.isArray(value) && value.length <= 64 && value.every(id);
const nodeClass: Check = (value) => ['files', 'commands', 'journal'].includes(value as string);
const classes: Check = (value) =>
  value === undefined || (Array.isArray(value) && value.length <= 3 && value.every(nodeClass));
const redactionKey: Check = (value) =>
  value === undefined || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));
const redaction: Check = (value) => value === undefined || ['none', 'standard', 'strict'].includes(value as string);
const sourceMaxBytes: Check = (value) => {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { files, commands, journal } = value as Record<string, unknown>;
  return [files, commands, journal].every((each) => each === undefined || number(each));
};
const siteName: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name } = value as Record<string, unknown>;
  return ['host', 'user', 'domain'].includes(kind as string) && typeof name === 'string' && /^.{1,255}$/su.test(name);
};
const names: Check = (value) =>
  value === undefined || (Array.isArray(value) && value.length <= 5000 && value.every(siteName));

const recipient: Check = (value) => typeof value === 'string' && value.length <= 128;
const raw: Check = (value) => {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { recipients } = value as Record<string, unknown>;
  return Array.isArray(recipients) && recipients.length <= 64 && recipients.every(recipient);
};

const messages: Record<CollectorMessage['type'], Record<string, Check>> = {
  'heartbeat-reply': { sentUnixMs: number, collectorUnixMs: number },
  gather: {
    bundleId: id,
    attempt: ordinal,
    fromUnixMs: number,
    untilUnixMs: number,
    roles,
    classes,
    deadlineMs: number,
    sourceMaxBytes,
    redactionKey,
    redaction,
    names,
    raw,
  },
  estimate: {
    estimateId: id,
    fromUnixMs: number,
    untilUnixMs: number,
    roles,
    classes,
    deadlineMs: number,
    sourceMaxBytes,
    redaction,
    raw: flag,
  },
  'gather-cancel': { bundleId: id },
  profiles: { tag: id },
};

/**
 * Whether a message follows protocol/control.ts. The same as the schema there (a test compares the two), written out
 * because the schema library costs 30 MiB resident, a quarter of what an agent may take.
 */
export function isCollectorMessage(value: unknown): value is CollectorMessage {
  if (typeof value !== 'object' || value === null) return false;
  const message = value as Record<string, unknown>;
  const { type } = message;
  if (typeof type !== 'string' || !Object.hasOwn(messages, type)) return false;
  const fields = messages[type as CollectorMessage['type']];
  return Object.entries(fields).every(([name, check]) => check(message[name]));
}
