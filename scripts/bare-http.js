/**
 * For bundled programs: `node:http` as `require` gives it. An `import` of it reads all that it exports, also `WebSocket`, which
 * makes Node load its whole undici and HTTP/2 for good: 2 to 3 MB resident in the agent, 14 in a program that does nothing
 * else (2026-11-29).
 */
export const bareHttp = {
  name: 'sextant:bare-http',
  enforce: 'pre',
  resolveId: (id) => (id === 'node:http' || id === 'http' ? '\0bare-http' : undefined),
  load: (id) => (id === '\0bare-http' ? "module.exports = process.getBuiltinModule('node:http');\n" : undefined),
};
