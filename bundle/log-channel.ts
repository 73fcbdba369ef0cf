/** What tells apart the logs of one scope: an event channel, a followed file, a unit of systemd. The first one counts. */
export const channelAttributes = ['windows.eventlog.channel', 'log.file.path', 'systemd.unit'] as const;

/** Of the agent's source for journald. */
const journalScope = 'journald';

export function channelOf({ attributes }: { attributes: Readonly<Record<string, string>> }): string {
  for (const name of channelAttributes) if (attributes[name]) return attributes[name];
  return '';
}

/**
 * Whose file in the volumes a channel of a scope is; empty for the scope's own. The journal is one: its lines are read in the
 * order of time, what begins in one unit (a restart, a core dump) goes on in others, and short-lived units are many.
 */
export const filedChannel = (scope: string, channel: string): string => (scope === journalScope ? '' : channel);
