import { written } from '../cluster/because.ts';
import type { Service } from '../cluster/service.ts';
import { ends, type Flight, type Moves } from './flight.ts';

/** A Service that hasn't the port; `asked` is null where nobody named one. */
export function noSuchPort(flight: Flight, service: Service, asked: number | string | null): Moves {
  const offered = service.ports.map(({ port, name, protocol }) => ({ port, name, protocol }));
  const { protocol } = flight.packet;
  return ends(flight, { kind: 'dropped', reason: 'no-such-port', service: service.name, asked, protocol, offered }, [
    written(service.manifest, 'ports', 'spec', 'ports'),
  ]);
}
