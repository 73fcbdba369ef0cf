import { useSignal } from '@preact/signals';
import { lost } from '../api/connection.ts';
import { session, signIn } from '../api/session.ts';
import { Logo } from '../shell/logo.tsx';
import { LostBanner } from '../shell/lost-banner.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';

/** The secret out of whatever was pasted: the token itself, or the whole link. */
const tokenIn = (text: string): string => decodeURIComponent(/#signin=([^\s#]+)/.exec(text)?.[1] ?? text.trim());

export function SignInPage() {
  const text = useSignal('');
  const failure = session.value.kind === 'none' ? session.value.failure : null;
  return (
    <main class="sign-in">
      <LostBanner />
      <div class="sign-in-card">
        <h1>
          <Logo size={28} />
          Sextant
        </h1>
        <ErrorBanner failure={failure} />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.value.trim() !== '') void signIn(tokenIn(text.value));
          }}
        >
          <label for="token">Sign-in link or token</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="off"
            spellcheck={false}
            autofocus
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
          <button
            type="submit"
            class="button button-primary"
            disabled={text.value.trim() === '' || lost.value !== null}
          >
            Sign in
          </button>
        </form>
        <div class="sign-in-help">
          <p>Each link works once, for 15 minutes. Make a new one on the collector’s machine:</p>
          <pre>sextant token create --signin</pre>
        </div>
      </div>
    </main>
  );
}
