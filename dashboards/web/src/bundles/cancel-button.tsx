import { isAdministrator } from '../api/session.ts';

/** Asks to end what is under way; shown to everybody, so that a viewer sees who could. */
export function CancelButton({ ask }: { ask: () => void }) {
  const may = isAdministrator();
  return (
    <button
      type="button"
      class="button"
      disabled={!may}
      title={may ? '' : 'Needs the administrator role'}
      onClick={ask}
    >
      Cancel
    </button>
  );
}
