import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { enroll } from '../../agent/identity/enroll.ts';

const program = new URL('../../cli/main.ts', import.meta.url).pathname;
const patient = { timeout: 60_000, interval: 50 };

interface Endpoint {
  url: string;
  token: string;
  caFile: string;
  pid: number;
}

async function runCollector(dataDir: string): Promise<{ child: ChildProcess; endpoint: Endpoint }> {
  const child = spawn(process.execPath, [program, 'collector', 'run', '--data-dir', dataDir, '--port', '0'], {
    stdio: 'ignore',
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const endpoint = await vi.waitFor(() => {
    const found: Endpoint = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
    // The one before was killed and could not take its own away.
    expect(found.pid).toBe(child.pid);
    return found;
  }, patient);
  return { child, endpoint };
}

const send = (
  url: string,
  options: { agent: Agent; method?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const { agent, method = 'POST', headers = {}, body = '' } = options;
    const sent = request(url, { agent, method, headers }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode ?? 0, text });
    });
    sent.on('error', reject);
    sent.end(body);
  });

const createToken = async ({ url, token, caFile }: Endpoint): Promise<string> => {
  const agent = new Agent({ ca: readFileSync(caFile) });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { text } = await send(`${url}/api/v1/tokens`, { agent, headers, body: '{"kind":"enroll"}' });
  return JSON.parse(text).token;
};

test('a node that was told it is enrolled stays enrolled when the collector is killed right after, and its token stays spent', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sextant-kill-'));
  const first = await runCollector(dataDir);
  const token = await createToken(first.endpoint);
  await enroll({ dataDir, collectorUrl: first.endpoint.url, token, node: 'alpha' });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await runCollector(dataDir);
  const read = (name: string) => readFileSync(join(dataDir, 'agent', 'identity', name));
  const node = new Agent({ ca: read('ca.crt'), cert: read('node.crt'), key: read('node.key') });
  // An empty export request: nothing in it, and well-formed.
  const headers = { 'content-type': 'application/x-protobuf' };
  expect((await send(`${second.endpoint.url}/v1/logs`, { agent: node, headers })).status).toBe(200);

  const again = enroll({ dataDir, collectorUrl: second.endpoint.url, token, node: 'alpha', force: true });
  await expect(again).rejects.toThrow('the enrolment token is used');
  rmSync(dataDir, { recursive: true, force: true });
});
