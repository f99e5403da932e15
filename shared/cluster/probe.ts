import { integerAt, itemsAt, textAt, type FieldPath, type Value, valueAt } from '../manifest/value.ts';
import { once } from './once.ts';
import type { PodTemplate } from './pod.ts';

/**
 * A container's probe of a port that the container hasn't: the kubelet looks the name up in that one container. A probe
 * that it can't make has no result, and what holds before the first one stays: a container isn't ready, hasn't started,
 * is alive. So it is never restarted for it either.
 * Source: kubernetes/kubernetes pkg/probe/util.go `ResolveContainerPort`, pkg/kubelet/prober/worker.go `newWorker`,
 * `doProbe` (1.36).
 */
export interface LostProbe {
  readonly kind: ProbeKind;
  readonly container: string;
  /** The name that it asks for. */
  readonly port: string;
  /** The names of the ports that the container has. */
  readonly offered: readonly string[];
  readonly at: FieldPath;
}

const probeKinds = ['readinessProbe', 'startupProbe', 'livenessProbe'] as const;
export type ProbeKind = (typeof probeKinds)[number];

/** The probes of a workload's pods that can't be made, in the order of the containers. */
export const lostProbesOf = once(({ spec, specPath }: PodTemplate): readonly LostProbe[] =>
  (['containers', 'initContainers'] as const).flatMap((list) =>
    itemsAt(spec, list).flatMap((container, index) =>
      probeKinds.flatMap((kind) => lostProbe(container, kind, [...specPath, list, index])),
    ),
  ),
);

function lostProbe(container: Value, kind: ProbeKind, path: FieldPath): LostProbe[] {
  return (['httpGet', 'tcpSocket'] as const).flatMap((handler) => {
    const port = valueAt(container, kind, handler, 'port');
    if (typeof port !== 'string' || /^[+-]?\d+$/.test(port)) return [];
    const ports = itemsAt(container, 'ports');
    if (ports.some((each) => textAt(each, 'name') === port)) return [];
    const offered = ports.flatMap((each) => textAt(each, 'name') ?? []);
    return [{ kind, container: textAt(container, 'name') ?? '', port, offered, at: [...path, kind, handler, 'port'] }];
  });
}

/** A readiness or startup probe of a number that no container of the pod declares, though they declare others. */
export interface UndeclaredProbe {
  readonly kind: ProbeKind;
  readonly container: string;
  readonly port: number;
  readonly declared: readonly number[];
  readonly at: FieldPath;
}

/** All containers of a pod have one network, so any of them may be the one that listens. */
export const undeclaredProbesOf = once(({ spec, specPath }: PodTemplate): readonly UndeclaredProbe[] => {
  const declared = (['containers', 'initContainers'] as const).flatMap((list) =>
    itemsAt(spec, list).flatMap((each) =>
      itemsAt(each, 'ports').flatMap((port) => integerAt(port, 'containerPort') ?? []),
    ),
  );
  if (declared.length === 0) return [];
  return itemsAt(spec, 'containers').flatMap((container, index) =>
    (['readinessProbe', 'startupProbe'] as const).flatMap((kind) =>
      (['httpGet', 'tcpSocket', 'grpc'] as const).flatMap((handler): UndeclaredProbe[] => {
        const port = integerAt(container, kind, handler, 'port');
        const isOwn = valueAt(container, kind, handler, 'host') === undefined;
        if (port === undefined || !isOwn || itemsAt(container, 'ports').length === 0 || declared.includes(port))
          return [];
        const at = [...specPath, 'containers', index, kind, handler, 'port'];
        return [{ kind, container: textAt(container, 'name') ?? '', port, declared: [...new Set(declared)], at }];
      }),
    ),
  );
});

/** The probe for want of which a workload's pods never become ready; null where none is in the way. */
export function neverReadyFor(template: PodTemplate): LostProbe | null {
  return lostProbesOf(template).find(({ kind }) => kind !== 'livenessProbe') ?? null;
}
