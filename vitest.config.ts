import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Tests whose files may follow one another in one process: what they import is loaded once for all of them, and no process
 * is started for each (75 files of the agent: 62 CPU-seconds instead of 106, 2026-11-29, 2 cores). They start no storage
 * engine, set back what they set for the whole process, and do not watch how long its turns are. The one that is left out
 * replaces modules, which the others would get too.
 */
const inSharedProcesses = [
  'test/unit/{agent,bundle,config,dashboards,errors,logging,media,scripts}/**/!(renamed-meanwhile).test.ts',
  'test/unit/cli/up/**/*.test.ts',
  'test/unit/collector/{control,exports,identity,nodes,profiles,prometheus,state}/**/*.test.ts',
  'test/unit/collector/receive/json/**/*.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Twice the cores that this is made for: some files wait for clocks and for Wine.
    maxWorkers: 4,
    projects: [
      {
        extends: true,
        test: { name: 'shared', isolate: false, include: inSharedProcesses },
      },
      {
        extends: true,
        // libchdb binds one data folder per process, so every one of these files gets a process of its own.
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...inSharedProcesses],
        },
      },
    ],
  },
});
