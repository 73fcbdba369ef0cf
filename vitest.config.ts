import { defineConfig } from 'vitest/config';

// libchdb binds one data folder per process, so every test file gets a process of its own.
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One more than the cores that this is made for: some files wait for clocks and for Wine.
    maxWorkers: 3,
  },
});
