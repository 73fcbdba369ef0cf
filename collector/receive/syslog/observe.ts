import type { Meter } from '@opentelemetry/api';
import { ownInstruments } from '../../self/instruments.ts';
import type { SyslogFigures } from './syslog.ts';

/** Registers what the syslog receiver says of itself; the counts of messages by peer. */
export function observeSyslog(meter: Meter, figures: () => SyslogFigures): void {
  const counter = ([name, unit, description]: readonly [string, string, string]) =>
    meter.createObservableCounter(name, { unit, description });
  const [connectionsName, unit, description] = ownInstruments.syslogConnections;
  const connections = meter.createObservableUpDownCounter(connectionsName, { unit, description });
  const received = counter(ownInstruments.syslogReceived);
  const malformed = counter(ownInstruments.syslogMalformed);
  const cut = counter(ownInstruments.syslogCut);
  const dropped = counter(ownInstruments.syslogDropped);
  const refused = counter(ownInstruments.syslogRefused);

  meter.addBatchObservableCallback(
    (result) => {
      const now = figures();
      for (const [peer, counts] of now.peers) {
        result.observe(received, counts.received, { peer });
        result.observe(malformed, counts.malformed, { peer });
        result.observe(cut, counts.cut, { peer });
        result.observe(dropped, counts.dropped, { peer });
      }
      result.observe(connections, now.connections);
      result.observe(refused, now.refused);
    },
    [received, malformed, cut, dropped, connections, refused],
  );
}
