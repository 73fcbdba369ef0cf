import { defineConfig } from 'vitest/config';

// libchdb binds one data folder per process, so every test file gets a process of its own.
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files side by side only make fault tests slower, not the run shorter.
    maxWorkers: 2,
  },
});
