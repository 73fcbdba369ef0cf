#!/usr/bin/env node
import { launch } from '../scripts/launch.js';

try {
  process.exitCode = await launch(process.argv.slice(2));
} catch (error) {
  console.error(`sextant: ${error.message}`);
  process.exitCode = 1;
}
