import { lost } from '../api/connection.ts';
import type { ApiFailure } from '../api/failure.ts';
import { Icon } from './icon.tsx';

const sentence = (text: string): string => {
  const trimmed = text.trim().replace(/[.;]$/, '');
  // What begins with the name of a field keeps it as it is written.
  if (/^[\w.]+:/.test(trimmed)) return `${trimmed}.`;
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}.`;
};

/** What went wrong, what to do about it, and the code to look up. The only way a failure is shown. */
export function ErrorBanner({ failure, retry }: { failure: ApiFailure | null; retry?: () => void }) {
  // While the connection is lost, the banner of the page itself says so once.
  if (failure === null || (failure.code === 'SX_NO_ANSWER' && lost.value !== null)) return null;
  return (
    <div class="banner banner-bad" role="alert">
      <Icon name="octagon" />
      <p>
        <strong>{sentence(failure.message)}</strong> {sentence(failure.nextStep)} <code>{failure.code}</code>
      </p>
      {retry ? (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      ) : null}
    </div>
  );
}
