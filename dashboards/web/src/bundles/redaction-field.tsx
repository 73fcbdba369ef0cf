import type { Signal } from '@preact/signals';
import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';

const redactions: readonly [BundleJob['redaction'], label: string, meaning: string][] = [
  ['standard', 'Standard', 'Passwords, keys and tokens are masked; names and addresses stand under pseudonyms.'],
  ['strict', 'Strict', 'Also what only looks like a secret or a name: GUIDs, serial numbers, random-looking words.'],
  ['none', 'None', 'Nothing is taken out: passwords and names leave the site as they were logged.'],
];

/** What is taken out of a bundle, and what that means. `group` keeps two such fields of a page apart. */
export function RedactionField({
  redaction,
  group = 'redaction',
}: {
  redaction: Signal<BundleJob['redaction']>;
  group?: string;
}) {
  return (
    <fieldset class="field">
      <legend>Redaction</legend>
      <div class="radio-row">
        {redactions.map(([value, label]) => (
          <label key={value} class="radio">
            <input
              type="radio"
              name={group}
              value={value}
              checked={redaction.value === value}
              onChange={() => {
                redaction.value = value;
              }}
            />
            {label}
          </label>
        ))}
      </div>
      <p class="muted">{redactions.find(([value]) => value === redaction.value)?.[2]}</p>
    </fieldset>
  );
}
