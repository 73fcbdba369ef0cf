import { bootstrap } from './bootstrap.js';
import { launch } from './launch.js';

try {
  await bootstrap();
  process.exitCode = await launch(['up', ...process.argv.slice(2)]);
} catch (error) {
  console.error(`npm start: ${error.message}`);
  process.exitCode = 1;
}
