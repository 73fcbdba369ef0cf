import { Type } from 'typebox';
import { closed, createSection, NamedList, Priority } from './section.ts';

const EventChannel = closed({
  /** As Windows shows it; a slash may be written as a dash. */
  name: Type.String({ minLength: 1 }),
  enabled: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Priority()),
  /** XPath that narrows the channel down. */
  query: Type.Optional(Type.String()),
});

/** Channels of the Windows event log. */
export const eventLog = createSection(
  closed({ enabled: Type.Boolean(), priority: Priority(), channels: NamedList(EventChannel) }),
  { enabled: false, priority: 'normal', channels: [] },
);
