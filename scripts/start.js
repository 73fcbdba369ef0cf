import { bootstrap } from './bootstrap.js';
import { launch } from './launch.js';

// npm passes SIGINT and SIGTERM on (package.json says `exec`, so that no shell stands between and swallows them);
// when npm itself is killed there is nobody left to do it.
const npm = process.ppid;
setInterval(() => {
  if (process.ppid !== npm) process.kill(process.pid, 'SIGTERM');
}, 500).unref();

try {
  await bootstrap();
  process.exitCode = await launch(['up', ...process.argv.slice(2)]);
} catch (error) {
  console.error(`npm start: ${error.message}`);
  process.exitCode = 1;
}
