import type { NodeCapClass } from '../../bundle/caps.ts';
import type { BundleItem } from '../profile/bundle.ts';

/** Cannot be redacted line by line. */
export const isRaw = (item: BundleItem): boolean => item.raw === true || item.eventLogs !== undefined;

/** Which class of content an item is: which limit of size holds for it, and what it is asked for by. */
export const classOf = (item: BundleItem): NodeCapClass =>
  item.files || item.registry || isRaw(item) ? 'files' : item.journal ? 'journal' : 'commands';
