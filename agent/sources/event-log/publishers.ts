import { describeError, windowsErrors } from './event-log-api.ts';
import type { EventMemory } from './event-memory.ts';
import { createLru } from './lru.ts';
import type { Wevtapi } from './wevtapi-functions.ts';

/** EVT_FORMAT_MESSAGE_FLAGS of winevt.h. */
const format = { event: 1, task: 3, opcode: 4, keyword: 5 } as const;
/** Each holds its message files open; a node has some fifty providers that say something. */
const maxOpenPublishers = 64;
/** Names of tasks, opcodes and sets of keywords of one provider. */
const maxNames = 512;
/** A provider that was not registered may be installed later. */
const lookAgainMs = 600_000;
/** There is a message, and it says what it has: a placeholder without a value stays as it is. */
const partly = new Set([15029, 15030, 15031]);

interface Publisher {
  /** null when this machine has no metadata of it. */
  handle: bigint | null;
  error: number;
  openedUnixMs: number;
  names: ReturnType<typeof createLru<{ text: string | undefined }>>;
}

/** Names and ids of what is to be put into words. */
export interface Worded {
  event: bigint;
  task: number;
  opcode: number;
  keywords: string;
}

/** Turns events into words with the metadata of their providers, which is kept open while it is in use. */
export function createPublishers({
  api,
  memory,
  count,
  nowMs,
}: {
  api: Wevtapi;
  memory: EventMemory;
  count: { readonly pointer: bigint; value(): number };
  nowMs(): number;
}) {
  const publishers = createLru<Publisher>(maxOpenPublishers, ({ handle }) => {
    if (handle !== null) api.close(handle);
  });

  function open(name: string): Publisher {
    const handle = api.openPublisherMetadata(null, name, null, 0, 0) as bigint | null;
    return {
      handle,
      error: handle === null ? api.lastError() : 0,
      openedUnixMs: nowMs(),
      names: createLru(maxNames),
    };
  }

  function publisher(name: string): Publisher {
    const found = publishers.get(name, () => open(name));
    if (found.handle !== null || nowMs() - found.openedUnixMs < lookAgainMs) return found;
    publishers.delete(name);
    return publishers.get(name, () => open(name));
  }

  /** The text, or the number of the error. */
  function words(handle: bigint | null, event: bigint, what: number): string | number {
    for (;;) {
      const done = api.formatMessage(handle, event, 0, 0, null, what, memory.size / 2, memory.pointer, count.pointer);
      const error = done ? 0 : api.lastError();
      // With its closing zero; of keywords with one between each and two at the end.
      if (done || partly.has(error)) return memory.text(Math.max(0, count.value() - 1));
      if (error !== windowsErrors.insufficientBuffer) return error;
      if (!memory.grow(count.value() * 2)) return error;
    }
  }

  function name(of: Publisher, key: string, event: bigint, what: number): string | undefined {
    return of.names.get(key, () => {
      const text = words(of.handle, event, what);
      return { text: typeof text === 'string' && text !== '' ? text : undefined };
    }).text;
  }

  return {
    message(provider: string, event: bigint): { message: string } | { renderingError: string } {
      const { handle, error } = publisher(provider);
      if (handle === null) return { renderingError: describeError(error) };
      const text = words(handle, event, format.event);
      return typeof text === 'string' ? { message: text } : { renderingError: describeError(text) };
    },
    names(provider: string, { event, task, opcode, keywords }: Worded) {
      const of = publisher(provider);
      if (of.handle === null) return {};
      const taskName = task === 0 ? undefined : name(of, `t${task}`, event, format.task);
      const opcodeName = opcode === 0 ? undefined : name(of, `o${task}:${opcode}`, event, format.opcode);
      const keywordNames = keywords === '0x0' ? undefined : name(of, `k${keywords}`, event, format.keyword);
      return {
        ...(taskName !== undefined && { taskName }),
        ...(opcodeName !== undefined && { opcodeName }),
        ...(keywordNames !== undefined && { keywordNames: keywordNames.split('\0').filter(Boolean) }),
      };
    },
    close: (): void => publishers.clear(),
  };
}
