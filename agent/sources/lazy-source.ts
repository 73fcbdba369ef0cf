import type { Source, SourceContext, SourceFactory } from './source.ts';

/**
 * A source whose code is loaded when it starts, and not before: what binds Windows' libraries as it is loaded cannot be
 * loaded anywhere else, yet every platform's list of sources must be.
 */
export function lazily(load: () => Promise<(context: SourceContext) => Source>, name: string): SourceFactory['create'] {
  return (context) => {
    let source: Source | undefined;
    return {
      name,
      async start() {
        source ??= (await load())(context);
        await source.start();
      },
      close: async () => source?.close(),
      health: () => source?.health() ?? { name, state: 'starting', records: 0, dropped: 0 },
    };
  };
}
