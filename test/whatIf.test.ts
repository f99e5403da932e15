import { expect, test } from 'vitest';
import { readWhatIf, withWhatIf } from '../shared/cluster/whatIf.ts';
import { fieldHelpAt } from '../shared/insight/fieldHelp.ts';
import { describeWay } from '../shared/trace/summary.ts';
import { oneFile, traceIn } from './scene.ts';

const policies = ['Cluster', 'Local'] as const;
type Policy = (typeof policies)[number];

function scene(provider: string, policy: Policy): string {
  return `apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: case }
spec: { nodes: { count: 3 }, loadBalancer: { provider: ${provider} } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  externalTrafficPolicy: ${policy}
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }
`;
}

/** The rows of the hover on the policy, without which of them is written. */
function hover(yaml: string): string {
  const workspace = oneFile(yaml);
  const judged = workspace.sceneOf('test.yaml');
  const file = workspace.file('test.yaml');
  if (judged === null || file === null) throw new Error('no scene');
  const line = yaml.split('\n').findIndex((each) => each.includes('externalTrafficPolicy'));
  return (fieldHelpAt(judged, file, { line, character: 6 })?.markdown ?? '').replace(' (now)', '');
}

test.each(['generic', 'aws-nlb', 'metallb-l2', 'klipper', 'gce'])(
  'with %s, hover, command line and what is written say the same of each policy',
  (provider) => {
    expect(hover(scene(provider, 'Cluster'))).toBe(hover(scene(provider, 'Local')));
    for (const [policy, other] of [policies, policies.toReversed()] as const) {
      const written = oneFile(scene(provider, policy)).sceneOf('test.yaml')?.model;
      const base = oneFile(scene(provider, other)).sceneOf('test.yaml')?.model;
      if (written === undefined || base === undefined) throw new Error('no model');
      const read = readWhatIf(`svc/web.externalTrafficPolicy=${policy}`, base);
      if (read.kind === 'unreadable') throw new Error(read.message);
      const assumed = withWhatIf(base, read.value);
      const [asked, told] = [assumed, written].map((model) => describeWay([traceIn(model, 'svc/web')]));
      expect(asked).toEqual(told);
      expect(hover(scene(provider, other))).toContain(told === null || told === undefined ? 'no way in' : told.count);
    }
  },
);
