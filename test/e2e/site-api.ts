import { type ApiClient, createApiClient } from '../../cli/api-client.ts';

/**
 * Asks a site's API from this process. What is asked again and again goes this way: a command line each time would take
 * the processor from what it waits for.
 */
export async function askApi<Answer>(dataDir: string, ask: (api: ApiClient) => Promise<Answer>): Promise<Answer> {
  const api = createApiClient({ dataDir });
  return ask(api).finally(() => api.close());
}

/** Objects of an answer that has one a line. */
export const askLines = <Row>(dataDir: string, path: string, query: Parameters<ApiClient['lines']>[1]) =>
  askApi(dataDir, async (api) => {
    const rows: Row[] = [];
    for await (const line of api.lines(path, query)) if (line !== '') rows.push(JSON.parse(line));
    return rows;
  });
