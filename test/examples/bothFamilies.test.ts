import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { clusterModelOf } from '../../shared/network/assumed.ts';
import { assumedProfile, isProfile, type Profile, readProfile } from '../../shared/cluster/profile.ts';
import { parseFile } from '../../shared/manifest/parseFile.ts';
import { brief } from './example.ts';
import { traceIn } from '../scene.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');

/** An example's manifests as one text. */
function textOf(folder: string): string {
  return readdirSync(join(examples, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readFileSync(join(examples, folder, file), 'utf8'))
    .join('\n---\n');
}

/** Each IPv4 address as its IPv6 twin, 10.244.1.2 as fd00:10:244:1::2; a range keeps its place and loses no node. */
function inIPv6(text: string): string {
  return text
    .replaceAll('addressType: IPv4', 'addressType: IPv6')
    .replaceAll(/\b(?:\d{1,3}\.){3}\d{1,3}(?:\/\d+)?\b/g, (written) => {
      const [a, b, c, d, length] = written.split(/\.|(?=\/)/);
      if (length === undefined) return `fd00:${a}:${b}:${c}::${d}`;
      const bits = { '/8': 32, '/12': 44, '/16': 48, '/24': 64, '/32': 128 }[length] ?? 64;
      return bits === 128 ? `fd00:${a}:${b}:${c}::${d}/128` : `fd00:${a}:${b}${bits > 48 ? `:${c}` : ''}::/${bits}`;
    });
}

function modelOf(text: string, change: (profile: Profile) => Profile): ClusterModel {
  const manifests = parseFile('example.yaml', text).manifests;
  const profile = manifests.find(isProfile);
  return clusterModelOf(manifests, change(profile === undefined ? assumedProfile : readProfile(profile).profile));
}

const toIPv6 = (profile: Profile): Profile => ({
  ...profile,
  podNetwork: { ...profile.podNetwork, cidrs: ['fd00:10:244::/48'] },
  serviceCidrs: ['fd00:10:96::/108'],
});

/** Addresses by the order in which they appear: what is left of a trace without its family. */
function withoutFamily(text: string): string {
  const seen = new Map<string, string>();
  return text.replaceAll(
    /\[[0-9a-f:]+\](?=:\d)|\b(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f:]*[0-9a-f]|\b\d+\.\d+\.\d+\.\d+\b/g,
    (address) => {
      const plain = address.replaceAll(/[[\]]/g, '');
      const name = seen.get(plain) ?? `address ${seen.size + 1}`;
      seen.set(plain, name);
      return name;
    },
  );
}

test.each(readdirSync(examples).filter((each) => /^[A-D]\d/.test(each)))(
  '%s: every Service, from outside and from a pod, goes the same way in IPv6',
  (folder) => {
    const text = textOf(folder);
    const [four, six] = [modelOf(text, (profile) => profile), modelOf(inIPv6(text), toIPv6)];
    expect(six.services.length).toBe(four.services.length);
    for (const { name, namespace } of four.services) {
      for (const from of ['internet', 'pod', `node/${four.nodes[0]?.name}`]) {
        const [before, after] = [four, six].map((model) =>
          withoutFamily(brief(traceIn(model, `svc/${name}.${namespace}`, from))),
        );
        expect(after, `svc/${name}.${namespace} from ${from}`).toBe(before);
      }
    }
  },
);
