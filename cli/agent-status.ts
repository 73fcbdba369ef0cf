import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadIdentity } from '../agent/identity/identity.ts';
import type { AgentSnapshot } from '../agent/status/snapshot.ts';
import { lastSnapshot } from '../agent/status/status.ts';
import { askStatus, statusPath } from '../agent/status/status-socket.ts';
import { expiryText } from '../bundle/expiry-text.ts';
import { formatBytes } from '../bundle/report-format.ts';
import { agentStartCommand } from '../config/environment.ts';
import { formatAgo } from './ago.ts';
import { formatClockOffset } from './clock-offset.ts';
import { type Color, wantsColor } from './color.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { demandReadableData } from './readable-data.ts';
import { formatTable } from './table.ts';

interface AgentStatus {
  node: string;
  /** That the agent dials, or dialled last; before its first start that of enrolment. */
  collector: string;
  certificateUntil: string;
  certificateDays: number;
  /** Process id of the running agent; null when none runs, -1 when it is another user's. */
  process: number | null;
  /** `now`: the agent's own answer; `earlier`: what it wrote before it ended; `none`. */
  told: 'now' | 'earlier' | 'none';
  agent: AgentSnapshot | null;
}

const day = 86_400_000;

/**
 * Prints what this node's agent is and does, without any collector; returns the exit code, 1 when it does not run or its
 * own profile has a fault.
 */
export async function printAgentStatus(dataDir: string, options: { json: boolean }): Promise<number> {
  demandReadableData(dataDir);
  const status = await readStatus(dataDir);
  await print(options.json ? `${JSON.stringify(status)}\n` : text(status, Date.now()));
  return status.process === null || status.agent?.profileFault ? 1 : 0;
}

async function readStatus(dataDir: string): Promise<AgentStatus> {
  const { node, collectorUrl, certificate } = loadIdentity(dataDir);
  const until = new X509Certificate(certificate).validToDate;
  const running = runningProcess(join(dataDir, 'agent', 'holder.json'));
  const answer = running === null ? undefined : await askStatus(statusPath(dataDir)).catch(() => undefined);
  const earlier = answer === undefined ? lastSnapshot(dataDir) : undefined;
  const agent = (answer as AgentSnapshot | undefined) ?? earlier ?? null;
  return {
    node,
    // It may have moved since enrolment: `agent.collector`, or `sextant up` on another port.
    collector: agent?.collector ?? collectorUrl,
    certificateUntil: until.toISOString(),
    certificateDays: Math.floor((until.getTime() - Date.now()) / day),
    process: running,
    told: answer !== undefined ? 'now' : earlier ? 'earlier' : 'none',
    agent,
  };
}

function text(status: AgentStatus, nowMs: number): string {
  const { agent } = status;
  const days = (Date.parse(status.certificateUntil) - nowMs) / day;
  const rows: [string, string][] = [
    ['node', status.node],
    [
      'collector',
      `${status.collector}${agent && status.told === 'now' ? (agent.connected ? ', connected' : ', not connected') : ''}`,
    ],
    ['certificate', `${expiryText(days)}, at ${status.certificateUntil}`],
    ['process', processText(status, nowMs)],
  ];
  if (agent) {
    if (agent.failing) rows.push(['failing', agent.failing]);
    const { clockOffsetMs: offset, clockBoundMs: bound, spool } = agent;
    rows.push(['profile', agent.profile], ...faultRows(agent.profileFault), ...pushedRows(agent.pushed));
    rows.push(['clock', offset === null ? 'not measured yet' : formatClockOffset(offset, bound)]);
    const shed = agent.shedding === 'none' ? '' : `; given up: ${agent.shedding}`;
    rows.push(['memory', `${formatBytes(agent.memoryBytes)} of ${formatBytes(agent.memoryLimitBytes)}${shed}`]);
    rows.push(['limits', [...agent.limits.holds, ...agent.limits.missing.map((each) => `not ${each}`)].join('; ')]);
    rows.push([
      'spool',
      `${formatBytes(spool.bytes)} of ${formatBytes(spool.maxBytes)}${spool.blockedBy ? `, cannot be written: ${spool.blockedBy}` : ''}`,
    ]);
  }
  if (agent) rows.push(...unansweredRows(agent.unanswered, nowMs));
  if (agent?.ring) rows.push(['ring', ringText(agent.ring)]);
  const head = rows.map(([name, value]) => `${name.padEnd(12)}${printable(value)}\n`).join('');
  return agent ? `${head}\n${sourceTable(agent, nowMs)}\n${classTable(agent)}` : head;
}

/** One line each; an agent of before this left no such thing in its state. */
const unansweredRows = (unanswered: AgentSnapshot['unanswered'] | undefined, nowMs: number): [string, string][] =>
  (unanswered ?? []).map(({ what, since }) => [
    'no answer',
    `${what}, for ${formatAgo(since, nowMs).replace(' ago', '')}, since ${since}`,
  ]);

/** An agent of before the ring left no such thing in its state. */
function ringText(ring: AgentSnapshot['ring']): string {
  const { maxDays, maxBytes, thinnedRecords: thinned, droppedRecords: dropped, droppedFiles: files } = ring;
  if (maxDays === 0 || maxBytes === 0) return 'off';
  const since = ring.oldestDay === null ? 'empty' : `since ${ring.oldestDay}`;
  const lost = [
    ...(thinned > 0 ? [`${thinned} records thinned out`] : []),
    ...(files > 0 ? [`${dropped} records in ${files} files dropped`] : []),
  ];
  return [`${formatBytes(ring.bytes)} of ${formatBytes(maxBytes)}, ${since}, ${maxDays} days at most`, ...lost].join(
    '; ',
  );
}

/** Line by line; an agent of before this left no such thing in its state. */
const faultRows = (fault: string | null | undefined): [string, string][] =>
  (fault ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, at): [string, string] => [at === 0 ? 'fault' : '', line]);

/** One line for each pushed profile, and for why there are none. */
function pushedRows({ keyId, error, profiles }: AgentSnapshot['pushed']): [string, string][] {
  const key = keyId === undefined ? '' : `, key ${keyId}`;
  return [
    ...(error === undefined ? [] : [['pushed', error] as [string, string]]),
    ...profiles.map(({ name, version, state, reason }): [string, string] => [
      'pushed',
      `${name} v${version} ${state}${key}${reason === undefined ? '' : `: ${reason.replaceAll('\n', ' ')}`}`,
    ]),
  ];
}

function processText({ process: running, told, agent }: AgentStatus, nowMs: number): string {
  if (running === null) {
    return `not running${told === 'earlier' ? `; what follows is from ${formatAgo(agent?.at ?? null, nowMs)}` : ''}; start it with: ${agentStartCommand()}`;
  }
  if (told === 'now') return `${running}, since ${formatAgo(agent?.startedAt ?? null, nowMs)}`;
  const why = 'it runs but does not answer; ask as its own user, or look into its log';
  return told === 'earlier' ? `${why}; what follows is from ${formatAgo(agent?.at ?? null, nowMs)}` : why;
}

const stateColors: Partial<Record<string, Color>> = { failing: 'red', starting: 'yellow', absent: 'gray' };

const sourceTable = (agent: AgentSnapshot, nowMs: number): string =>
  formatTable(
    agent.sources,
    [
      { title: 'SOURCE', text: ({ name }) => name },
      { title: 'STATE', text: ({ state }) => state, color: ({ state }) => stateColors[state] },
      {
        title: 'LAST RECORD',
        text: ({ lastRecordUnixMs: last }) =>
          formatAgo(last === undefined ? null : new Date(last).toISOString(), nowMs),
      },
      { title: 'RECORDS', align: 'right', text: ({ records }) => String(records) },
      { title: 'DROPPED', align: 'right', text: ({ dropped }) => String(dropped) },
      { title: 'RESTARTS', align: 'right', text: ({ restarts }) => String(restarts ?? 0) },
      { title: 'DETAIL', text: ({ detail }) => detail ?? '' },
    ],
    wantsColor(process.stdout),
  );

const classTable = (agent: AgentSnapshot): string =>
  formatTable(
    agent.spool.classes,
    [
      { title: 'CLASS', text: ({ priority }) => priority },
      { title: 'WAITING', align: 'right', text: ({ waitingRecords }) => String(waitingRecords) },
      // An agent of before this told no such thing.
      { title: 'LAG', align: 'right', text: ({ lagSeconds }) => (lagSeconds ? `${lagSeconds} s` : '') },
      { title: 'SIZE', align: 'right', text: ({ waitingBytes }) => formatBytes(waitingBytes) },
      { title: 'DROPPED', align: 'right', text: ({ droppedRecords }) => String(droppedRecords) },
      {
        title: 'OF',
        text: ({ droppedBySource }) =>
          Object.entries(droppedBySource)
            .map(([source, records]) => `${source} ${records}`)
            .join(', '),
      },
    ],
    wantsColor(process.stdout),
  );

function runningProcess(holderFile: string): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(holderFile, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? -1 : null;
  }
}
