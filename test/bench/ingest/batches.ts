import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { logsRequest } from '../../unit/collector/store/otlp-requests.ts';

const lengthBytes = 4;

/** Writes OTLP log requests as an agent would send them: lines of an access log with the attributes of a followed file. */
export function writeBatches(
  path: string,
  { batches, recordsPerBatch }: { batches: number; recordsPerBatch: number },
): { bytes: number } {
  const fd = openSync(path, 'w');
  let bytes = 0;
  const startMs = Date.now() - batches * recordsPerBatch;
  for (let batch = 0; batch < batches; batch++) {
    const request = logsRequest(
      Array.from({ length: recordsPerBatch }, (_, at) => {
        const n = batch * recordsPerBatch + at;
        return {
          unixMs: startMs + n,
          body:
            `10.0.${n % 17}.${n % 251} GET /api/v1/items/${n % 1000} 200 ${(n * 7919) % 65536} bytes in ${n % 97} ms ` +
            `session=${((n * 2654435761) % 2 ** 32).toString(16)}`,
          attributes: { 'log.file.path': '/var/log/access.log', 'log.record.uid': `${batch}-${at}` },
        };
      }),
      { 'service.name': 'web', 'host.name': 'bench-1' },
    );
    const prefix = Buffer.alloc(lengthBytes);
    prefix.writeUInt32LE(request.length);
    writeSync(fd, prefix);
    writeSync(fd, request);
    bytes += request.length;
  }
  closeSync(fd);
  return { bytes };
}

export function readBatches(path: string): Buffer[] {
  const content = readFileSync(path);
  const batches: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const length = content.readUInt32LE(at);
    batches.push(content.subarray(at + lengthBytes, at + lengthBytes + length));
    at += lengthBytes + length;
  }
  return batches;
}
