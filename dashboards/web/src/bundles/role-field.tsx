import type { Signal } from '@preact/signals';

/** Roles of the nodes' profiles, in words: a collector does not know which ones its nodes have. */
export function RoleField({ words }: { words: Signal<string> }) {
  return (
    <fieldset class="field">
      <legend>
        Roles <span class="muted">{rolesIn(words.value).length === 0 ? 'all' : ''}</span>
      </legend>
      <input
        type="text"
        aria-label="Roles, with commas between them"
        placeholder="system, storage, logs"
        autocomplete="off"
        value={words.value}
        onInput={(event) => {
          words.value = event.currentTarget.value;
        }}
      />
    </fieldset>
  );
}

export const rolesIn = (words: string): string[] =>
  words
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
