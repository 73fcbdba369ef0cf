import koffi from 'koffi';
import { events, service } from './definition.ts';

const advapi32 = koffi.load('advapi32.dll');
const RegisterEventSourceW = advapi32.func(
  'void *__stdcall RegisterEventSourceW(const char16_t *server, const char16_t *source)',
);
const DeregisterEventSource = advapi32.func('int __stdcall DeregisterEventSource(void *log)');
const ReportEventW = advapi32.func(
  'int __stdcall ReportEventW(void *log, uint16_t type, uint16_t category, uint32_t id, void *user, uint16_t count, uint32_t bytes, const char16_t **texts, void *data)',
);

const types = { error: 1, warning: 2, information: 4 } as const;
/** A text of an event may have 31,839 characters. */
const maxCharacters = 30_000;

/**
 * Writes one event of the service to the Application log. Never throws: the log being full or closed to us must not
 * end the agent.
 *
 * The source's message file is Windows' own EventCreate.exe, whose messages 1 to 1000 are the text alone; so no message
 * file of ours has to be shipped and allowed.
 */
export function reportEvent(event: keyof typeof events, text: string): void {
  const { id, type } = events[event];
  const log: bigint | null = RegisterEventSourceW(null, service.displayName);
  if (!log) return;
  try {
    ReportEventW(log, types[type], 0, id, null, 1, 0, [text.slice(0, maxCharacters)], null);
  } finally {
    DeregisterEventSource(log);
  }
}
