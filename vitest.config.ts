import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Tests whose files may follow one another in one process: what they import is loaded once for all of them, and no process
 * is started for each (75 files of the agent: 62 CPU-seconds instead of 106, 2026-11-29, 2 cores). They start no storage
 * engine, set back what they set for the whole process, and do not watch how long its turns are.
 */
const inSharedProcesses = [
  'test/unit/{agent,bundle,config,dashboards,errors,logging,media,scripts}/**/*.test.ts',
  'test/unit/cli/up/**/*.test.ts',
  'test/unit/collector/{control,exports,identity,nodes,profiles,prometheus,state}/**/*.test.ts',
  'test/unit/collector/receive/json/**/*.test.ts',
];
/** Tests that put modules of their own in place of others: only vitest's own loader can. */
const withOtherModules = ['test/unit/agent/sources/files/renamed-meanwhile.test.ts'];

/** Node loads the sources as it does for users, and keeps what it made of them (11 files: 87 CPU-seconds instead of 92). */
const loadedByNode = { viteModuleRunner: false, nodeLoader: false };

export default defineConfig({
  test: {
    pool: 'forks',
    // Long enough for a machine that has much else to do: who waits that long has met a fault.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    // Twice the cores that this is made for: some files wait for clocks and for Wine.
    maxWorkers: 4,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          isolate: false,
          include: inSharedProcesses,
          exclude: [...configDefaults.exclude, ...withOtherModules],
          experimental: loadedByNode,
        },
      },
      {
        extends: true,
        // libchdb binds one data folder per process, so every one of these files gets a process of its own.
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...inSharedProcesses],
          experimental: loadedByNode,
        },
      },
      { extends: true, test: { name: 'modules', include: withOtherModules } },
    ],
  },
});
