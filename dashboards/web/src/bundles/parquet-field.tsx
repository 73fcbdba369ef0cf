import type { Signal } from '@preact/signals';

/** Whether what the collector has stored is to be there as Parquet too. */
export function ParquetField({ chosen }: { chosen: Signal<boolean> }) {
  return (
    <fieldset class="field">
      <legend>For analysis</legend>
      <label class="check">
        <input
          type="checkbox"
          checked={chosen.value}
          onChange={(event) => {
            chosen.value = event.currentTarget.checked;
          }}
        />
        Logs and metrics as Parquet too
      </label>
    </fieldset>
  );
}
