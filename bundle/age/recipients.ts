import { SextantError } from '../../errors/sextant-error.ts';
import { type AgeRecipient, parseRecipient } from './key.ts';

const setting = 'collector.bundles.recipients';

/**
 * The recipients that a configuration pins; none turns encryption off. One is refused: when its only key is lost, so is
 * every bundle. Throws SX_CONFIG_INVALID, naming the setting.
 */
export function pinnedRecipients(texts: readonly string[]): AgeRecipient[] {
  const recipients = texts.map((text, at) => {
    try {
      return parseRecipient(text);
    } catch (cause) {
      throw new SextantError('SX_CONFIG_INVALID', `${setting}: entry ${at + 1}: ${(cause as Error).message}`, {
        cause,
      });
    }
  });
  if (recipients.length > 0 && new Set(recipients.map(({ text }) => text)).size < 2) {
    throw new SextantError('SX_CONFIG_INVALID', `${setting}: only one recipient`, {
      nextStep: 'name at least two: who receives the bundles, and the site’s own recovery key',
    });
  }
  return recipients;
}
