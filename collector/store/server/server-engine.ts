import { createReadStream } from 'node:fs';
import { type ClickHouseClient, ClickHouseError, createClient } from '@clickhouse/client';
import { connectInProcess } from '../embedded-engine.ts';
import type { Engine, FileForTable } from '../engine.ts';
import { asAway } from './away.ts';
import { clusterQuestion, clusterStatements } from './cluster-ddl.ts';
import { checkEngine } from './engine-fitness.ts';
import { checkTables } from './table-fitness.ts';
import type { ServerTarget } from './target.ts';
import { type Upload, uploadCheck, uploadInsert } from './upload.ts';

/** An insert waits for merges and replicas; the client's own 30 s would give up on a server that is only busy. */
const requestTimeoutMs = 600_000;

/** A ClickHouse server or cluster over HTTP. Journal files go there as request bodies, from the disk as a stream. */
export function createServerEngine(target: ServerTarget): Engine {
  const cluster = target.cluster === '' ? undefined : { name: target.cluster, database: target.database };

  async function send(client: ClickHouseClient, upload: Upload, file: FileForTable, queryId?: string): Promise<void> {
    const answer = await client.exec({
      query: upload.query,
      query_params: { number: file.number.toString() },
      clickhouse_settings: upload.settings,
      values: createReadStream(file.path, { highWaterMark: 256 * 1024 }),
      ...(queryId !== undefined && { query_id: queryId }),
    });
    let told = '';
    for await (const piece of answer.stream) told = (told + String(piece)).slice(0, 2000);
    // Once a server has begun to answer, an error can only come in the body.
    const code = /Code: (\d+)\. DB::Exception/.exec(told)?.[1];
    if (code !== undefined) throw new ClickHouseError({ message: told, code, type: '' });
  }

  return {
    open: () =>
      createClient({
        url: target.url,
        database: target.database,
        username: target.user,
        password: target.password,
        application: 'sextant',
        request_timeout: requestTimeoutMs,
        // 7.4 MiB of log records take 8 ms to become 0.6 MiB; storing them takes a hundred times as long.
        compression: { request: { codec: 'zstd', level: 1 } },
        // The collector says itself what went wrong.
        log: { level: 127 },
        clickhouse_settings: {
          output_format_json_quote_64bit_integers: 0,
          // A subquery on a Distributed table is asked once and sent along, not asked on every shard.
          ...(cluster && { distributed_product_mode: 'global' }),
        },
        ...(target.authority && { tls: { ca_cert: target.authority } }),
      }),

    // The library is in the process anyway; what it is given never comes near the server.
    openLocal: () => connectInProcess(),

    async insert(client, table, file, again) {
      const upload = uploadInsert(table, { ...file, token: file.name, again, replicated: cluster !== undefined });
      // The server refuses an id that is still running: a try that was cut off may go on there, and only when it has
      // ended can the next one see what it stored.
      await send(client, upload, file, `sextant-${target.database}-${file.name}-${table.name}`);
    },
    async check(client, table, file) {
      await send(client, uploadCheck(table, file.reading), file);
    },

    statements: (sql) => (cluster ? clusterStatements(sql, cluster) : [sql]),
    question: (sql) => (cluster ? clusterQuestion(sql, cluster) : sql),
    querySettings: (timeoutMs) => ({
      cancel_http_readonly_queries_on_client_close: 1,
      ...(timeoutMs !== undefined && { max_execution_time: Math.ceil(timeoutMs / 1000) }),
    }),
    failure: (error, signal) => (signal?.aborted ? signal.reason : asAway(error)),
    checkEngine: (ask) => checkEngine(ask, target),
    checkTables: (ask) => checkTables(ask, target),
    onOwnDisk: false,
    isBelieved: false,
  };
}
