import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findPort } from '../../../../cli/up/free-port.ts';

test('finds a free port for 0 and leaves it free', async () => {
  const port = await findPort('127.0.0.1', 0);
  expect(port).toBeGreaterThan(0);
  expect(await findPort('127.0.0.1', port)).toBe(port);
});

test('says which port is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(findPort('127.0.0.1', port)).rejects.toMatchObject({
    code: 'SX_PORT_TAKEN',
    message: `port ${port} on 127.0.0.1 is taken by another program`,
  });
  server.close();
});

test('says when an address is not this machine’s', async () => {
  await expect(findPort('192.0.2.1', 0)).rejects.toMatchObject({ code: 'SX_PORT_TAKEN' });
});
