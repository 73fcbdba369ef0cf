import { Type } from 'typebox';
import { Age, closed, createSection, Name, NamedList, Priority } from './section.ts';

/** Events that were there before the agent first saw the channel: those younger than this are read. */
const ReadExisting = () => Age({ minimum: 0 });

const EventChannel = Type.Object(
  {
    /** As Windows shows it; a slash may be written as a dash. */
    name: Name(255),
    enabled: Type.Optional(Type.Boolean()),
    priority: Type.Optional(Priority()),
    /** XPath that narrows the channel down: `*[System[Level <= 3]]`. */
    query: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
    readExisting: Type.Optional(ReadExisting()),
  },
  { additionalProperties: false, reach: 'logs', reachBy: ['name', 'query'] },
);

/** Channels of the Windows event log. */
export const eventLog = createSection(
  closed({
    enabled: Type.Boolean(),
    priority: Priority(),
    readExisting: ReadExisting(),
    channels: NamedList(EventChannel),
  }),
  { enabled: false, priority: 'normal', readExisting: 86_400_000, channels: [] },
);
