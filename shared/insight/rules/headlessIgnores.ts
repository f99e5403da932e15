import { keyFieldOf } from '../../manifest/manifest.ts';
import { itemsAt, textAt } from '../../manifest/value.ts';
import { removing } from '../fixes.ts';
import { rule } from '../rule.ts';

/**
 * What a headless Service says and nobody heeds: its name stands for its pods' own addresses, and kube-proxy passes
 * over it. Source: kubernetes/kubernetes pkg/proxy/util/utils.go `ShouldSkipService`,
 * pkg/apis/core/validation/validation.go `ValidateService` (1.36), which takes all of these.
 */
export const headlessIgnores = rule({
  id: 'headless-ignores',
  topic: 'services',
  severity: 'hint',
  meaning: 'kube-proxy knows nothing of a headless Service, so a field that is for kube-proxy does nothing.',
  remedy: 'Take the field away, or give the Service a cluster address.',
  details:
    '`externalIPs` of a headless Service lead nowhere, which is a warning; `sessionAffinity`, ' +
    "`internalTrafficPolicy` and `trafficDistribution` merely say something that isn't so.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#headless-services',
  about: 'Service',
  *check({ headless, manifest, name }) {
    if (!headless) return;
    const { value } = manifest;
    const ignored = [
      { field: 'sessionAffinity', isSet: textAt(value, 'spec', 'sessionAffinity') === 'ClientIP' },
      { field: 'internalTrafficPolicy', isSet: textAt(value, 'spec', 'internalTrafficPolicy') === 'Local' },
      { field: 'trafficDistribution', isSet: textAt(value, 'spec', 'trafficDistribution') !== undefined },
    ];
    for (const { field, isSet } of ignored)
      if (isSet)
        yield {
          message: `Service ${name} is headless: clients ask its pods themselves, and ${field} does nothing.`,
          at: keyFieldOf(manifest, 'spec', field),
          fixes: removing(`Remove ${field}`, manifest, 'spec', field),
        };
    const [address] = itemsAt(value, 'spec', 'externalIPs');
    if (address !== undefined)
      yield {
        severity: 'warning',
        message: `Service ${name} is headless, so kube-proxy takes nothing at ${String(address)}: that leads nowhere.`,
        at: keyFieldOf(manifest, 'spec', 'externalIPs'),
      };
  },
  bad: {
    says: 'kube-proxy takes nothing at 198.51.100.9',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: None
  sessionAffinity: ClientIP
  ~~~~~~~~~~~~~~~
  externalIPs: [198.51.100.9]
  ~~~~~~~~~~~
  selector: { app: web }
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { sessionAffinity: ClientIP, externalIPs: [198.51.100.9], selector: { app: web }, ports: [{ port: 80 }] }
`,
});
