import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import type { Trace } from '../shared/trace/graph.ts';
import { pathsOf } from '../shared/trace/paths.ts';
import type { Path, Request } from '../shared/trace/trace.ts';
import { traceRequest } from '../shared/trace/traceRequest.ts';

/** A trace with all of its paths. */
export interface Followed extends Trace {
  readonly paths: readonly Path[];
}

export function follow(model: ClusterModel, request: Request): Followed {
  const trace = traceRequest(model, request);
  return { ...trace, paths: [...pathsOf(trace.graph)] };
}
