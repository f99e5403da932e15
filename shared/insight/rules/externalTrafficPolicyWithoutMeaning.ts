import { isExternallyAccessible } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { removing } from '../fixes.ts';
import { rule } from '../rule.ts';

/** Source: kubernetes/kubernetes pkg/apis/core/validation `validateServiceExternalTrafficPolicy`. */
export const externalTrafficPolicyWithoutMeaning = rule({
  id: 'external-traffic-policy-without-meaning',
  topic: 'services',
  severity: 'error',
  meaning: 'The API server refuses the Service: nothing enters it from outside, so there is no external traffic.',
  remedy: 'Take the field away, or make the Service a NodePort or a LoadBalancer.',
  link: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy',
  refuses: 'API server',
  about: 'Service',
  *check(service) {
    const policy = textAt(service.manifest.value, 'spec', 'externalTrafficPolicy');
    if (policy === undefined || isExternallyAccessible(service)) return;
    yield {
      message:
        `externalTrafficPolicy: ${policy} has no meaning for Service ${service.name} of type ${service.type} ` +
        'without externalIPs: the API server refuses it. Remove it, or make the type NodePort or LoadBalancer.',
      at: fieldOf(service.manifest, 'spec', 'externalTrafficPolicy'),
      fixes: removing('Take externalTrafficPolicy away', service.manifest, 'spec', 'externalTrafficPolicy'),
    };
  },
  bad: {
    says: 'has no meaning',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  externalTrafficPolicy: Local
                         ~~~~~
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  externalTrafficPolicy: Local
  ports: [{ port: 80 }]
`,
  isMended: true,
});
