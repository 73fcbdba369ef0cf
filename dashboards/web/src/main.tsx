import { render } from 'preact';
import { openSession } from './api/session.ts';
import { listenForShortcuts } from './keys/shortcuts.ts';
import { runClock } from './place/clock.ts';
import { followLinks } from './place/location.ts';
import { App } from './shell/app.tsx';

const root = document.getElementById('app');
if (!root) throw new Error('BUG: index.html has no #app');

followLinks();
listenForShortcuts();
runClock();
void openSession();
render(<App />, root);
