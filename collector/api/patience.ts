import fastifyPlugin from 'fastify-plugin';

export interface PatienceOptions {
  /** How long a request that proves nothing may take to send its body. */
  strangerBodyMs: number;
  /** The same for a sender, whom a token proves. */
  senderBodyMs: number;
}

/**
 * Cuts off who proves nothing and sends a body drop by drop. Nodes and users get the server's own, far longer limit,
 * since a bundle's volume may take minutes.
 */
export const patience = fastifyPlugin<PatienceOptions>(
  async (app, { strangerBodyMs, senderBodyMs }) => {
    app.addHook('onRequest', async (request) => {
      const { kind } = request.identity;
      if ((kind !== 'none' && kind !== 'sender') || request.method === 'GET' || request.method === 'HEAD') return;
      const timer = setTimeout(() => request.raw.socket.destroy(), kind === 'sender' ? senderBodyMs : strangerBodyMs);
      const enough = () => clearTimeout(timer);
      request.raw.once('end', enough);
      request.raw.once('close', enough);
    });
  },
  { name: 'patience', dependencies: ['identify'] },
);
