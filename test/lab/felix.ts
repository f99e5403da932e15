import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { familyOf } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { namespaceNameLabel } from '../../shared/cluster/gatewayApi/gatewayApi.ts';
import { knownNamespaces } from '../../shared/cluster/namespaces.ts';
import { networkPoliciesOf } from '../../shared/network/policy/policiesOf.ts';
import { buildJudge, built, isJudgeBuilt } from '../oracle/judgeProgram.ts';
import { runProgram } from './namespaces.ts';
import { isBridged, type Lab } from './wiring.ts';

/**
 * Calico's Felix, which writes a cluster's policies into the kernel of each of the lab's nodes, beside kube-proxy's
 * rules: chains of iptables and IP sets, as its own code has them (`felix/main.go`).
 */
const source = { folder: join(import.meta.dirname, 'felix'), name: 'lab-felix' };

/** Why there is none; null where it is built. */
export function buildFelix(): string | null {
  return whyNoIpset() ?? buildJudge(source);
}

/** Why there is none without building it, which takes minutes and a download. */
export function whyNoFelix(): string | null {
  return whyNoIpset() ?? (isJudgeBuilt(source) ? null : 'Felix was never built here: npm run lab');
}

function whyNoIpset(): string | null {
  return spawnSync('ipset', ['version']).error === undefined ? null : "ipset missing: Debian's ipset";
}

/** Felix knows a pod by its link; where all of a node hang on one bridge, it enforces nothing. */
export function canEnforce({ profile }: ClusterModel): boolean {
  return !isBridged(profile.podNetwork.cni);
}

export async function enforce(model: ClusterModel, lab: Lab): Promise<void> {
  const policies = networkPoliciesOf(model);
  if (policies.length === 0) return;
  const pods = model.pods.filter(({ hostNetwork, node }) => !hostNetwork && node !== '');
  const known = knownNamespaces(model.declared);
  const namespaces = new Set([...known.keys(), ...[...pods, ...policies].map(({ namespace }) => namespace)]);
  const cluster = {
    namespaces: [...namespaces].map((name) => ({
      metadata: { name, labels: Object.fromEntries(known.get(name) ?? [[namespaceNameLabel, name]]) },
    })),
    pods: pods.map(({ name, namespace, labels, node, containers, address, addresses }) => ({
      metadata: { name, namespace, labels: Object.fromEntries(labels) },
      spec: {
        nodeName: node,
        containers: containers.map(({ ports }, index) => ({
          name: `container-${index}`,
          ports: ports.map(({ name: port, port: containerPort, protocol }) => ({
            name: port,
            containerPort,
            protocol,
          })),
        })),
      },
      status: { phase: 'Running', podIP: address, podIPs: addresses.map((ip) => ({ ip })) },
    })),
    policies: policies.map(({ manifest, namespace, name }) => ({
      ...Object(manifest.value),
      metadata: { name, namespace },
    })),
    links: Object.fromEntries(pods.map((pod) => [`${pod.namespace}/${pod.name}`, lab.links.get(pod.address)])),
    families: model.profile.podNetwork.cidrs.map((cidr) => (familyOf(cidr) === 'IPv4' ? 4 : 6)),
  };
  await Promise.all(
    model.nodes.map((node) =>
      runProgram([join(built, source.name)], JSON.stringify({ ...cluster, node: node.name }), lab.nodeNamespace(node)),
    ),
  );
}
