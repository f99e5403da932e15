import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { ends, type Flight, type Moves } from '../flight.ts';
import { whoeverHas } from '../whoeverHas.ts';

/** What left the cluster for an address outside its nodes. */
export function atWorld(model: ClusterModel, flight: Flight): Moves {
  const { address } = flight.packet.destination;
  return (
    whoeverHas(model, flight) ?? ends(flight, { kind: 'unknown', reason: 'outside-cluster', address, met: 'by-client' })
  );
}
