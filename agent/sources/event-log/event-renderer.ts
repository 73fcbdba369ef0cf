import { dataNames, positionNames } from './data-names.ts';
import {
  type EventContent,
  EventLogError,
  type EventValue,
  type WindowsEvent,
  windowsErrors,
} from './event-log-api.ts';
import { createEventMemory } from './event-memory.ts';
import { createLru } from './lru.ts';
import { createPublishers } from './publishers.ts';
import type { Wevtapi } from './wevtapi-functions.ts';

/** What most events fit; it grows for those that do not. */
const firstBytes = 16 * 1024;
/** An event has at most 64 KiB; as XML and with its message it may be several times that. */
const maxBytes = 4 * 1024 * 1024;
/** Kinds of event (provider, id, version) whose field names are remembered. */
const maxKinds = 4_096;
/** EVT_RENDER_FLAGS. */
const render = { values: 0, xml: 1, bookmark: 2 } as const;
/** EVT_RENDER_CONTEXT_FLAGS. */
const contexts = { system: 1, user: 2 } as const;
/** EVT_SYSTEM_PROPERTY_ID: what the system context gives, in its order. */
const system = {
  provider: 0,
  providerGuid: 1,
  eventId: 2,
  level: 4,
  task: 5,
  opcode: 6,
  keywords: 7,
  time: 8,
  recordId: 9,
  activityId: 10,
  relatedActivityId: 11,
  processId: 12,
  threadId: 13,
  computer: 15,
  userSid: 16,
  version: 17,
} as const;

/** Turns event handles into events. One buffer serves them all, one after the other. */
export function createEventRenderer(
  api: Wevtapi,
  count: { readonly pointer: bigint; value(): number },
  properties: { readonly pointer: bigint; value(): number },
  nowMs: () => number,
) {
  const memory = createEventMemory(firstBytes, maxBytes);
  const systemContext = openContext(contexts.system);
  const userContext = openContext(contexts.user);
  const publishers = createPublishers({ api, memory, count, nowMs });
  const kinds = createLru<string[]>(maxKinds);

  function openContext(flags: number): bigint {
    const context = api.createRenderContext(0, null, flags) as bigint | null;
    if (context === null) throw api.failed('EvtCreateRenderContext');
    return context;
  }

  function fill(context: bigint | null, fragment: bigint, flags: number): void {
    while (!api.render(context, fragment, flags, memory.size, memory.pointer, count.pointer, properties.pointer)) {
      const error = api.lastError();
      if (error === windowsErrors.insufficientBuffer && memory.grow(count.value())) continue;
      throw new EventLogError('EvtRender', error);
    }
  }

  function xmlText(fragment: bigint, flags: number): string {
    fill(null, fragment, flags);
    return memory.text(Math.max(0, count.value() / 2 - 1));
  }

  function namesOf(kind: string, event: bigint, values: number): string[] {
    return kinds.get(kind, () => dataNames(xmlText(event, render.xml), values) ?? positionNames(values));
  }

  function content(event: bigint, provider: string): EventContent {
    const { variants } = memory;
    const number = (index: number): number => Number(variants.value(index) ?? 0);
    const text = (index: number): string | undefined => {
      const value = variants.value(index);
      return value === undefined ? undefined : String(value);
    };
    const optional = (key: string, value: EventValue | undefined) => (value === undefined ? {} : { [key]: value });
    const keywords = variants.value(system.keywords) ?? 0;
    const made: EventContent = {
      eventId: number(system.eventId),
      version: number(system.version),
      level: number(system.level),
      task: number(system.task),
      opcode: number(system.opcode),
      // UInt64 or HexInt64, as the system likes.
      keywords:
        typeof keywords === 'string' && keywords.startsWith('0x') ? keywords : `0x${BigInt(keywords).toString(16)}`,
      data: [],
      ...optional('providerGuid', text(system.providerGuid)),
      ...optional('activityId', text(system.activityId)),
      ...optional('relatedActivityId', text(system.relatedActivityId)),
      ...optional('processId', variants.value(system.processId)),
      ...optional('threadId', variants.value(system.threadId)),
      ...optional('computer', text(system.computer)),
      ...optional('userSid', text(system.userSid)),
    };
    fill(userContext, event, render.values);
    const values = Array.from({ length: properties.value() }, (_, index) => memory.variants.value(index));
    if (values.length > 0) {
      const names = namesOf(`${provider}\0${made.eventId}\0${made.version}\0${values.length}`, event, values.length);
      for (const [index, value] of values.entries()) {
        if (value !== undefined && value !== '') made.data.push([names[index] ?? `param${index + 1}`, value]);
      }
    }
    Object.assign(made, publishers.names(provider, { event, ...made }), publishers.message(provider, event));
    return made;
  }

  return {
    /** Throws EventLogError for what cannot be read at all. */
    event(event: bigint, sinceUnixMs: number): WindowsEvent {
      fill(systemContext, event, render.values);
      const { variants } = memory;
      const provider = String(variants.value(system.provider) ?? '');
      const time = variants.time(system.time);
      const made: WindowsEvent = { recordId: Number(variants.value(system.recordId) ?? 0), time, provider };
      if (time[0] * 1000 + time[1] / 1e6 >= sinceUnixMs) made.content = content(event, provider);
      return made;
    },
    bookmark: (bookmark: bigint): string => xmlText(bookmark, render.bookmark),
    memory,
    close(): void {
      publishers.close();
      api.close(systemContext);
      api.close(userContext);
      memory.free();
    },
  };
}
