import { fieldOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/** Source: kubernetes/kubernetes pkg/apis/core/validation `validateServicePort`: `requireName` with several ports. */
export const portNameMissing = rule({
  id: 'port-name-missing',
  topic: 'services',
  severity: 'error',
  meaning: 'The API server refuses a Service with several ports of which one has no name.',
  remedy: 'Give each port a name.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services',
  refuses: 'API server',
  about: 'Service',
  *check({ manifest, ports, name }) {
    if (ports.length < 2) return;
    for (const port of ports) {
      if (port.name === '')
        yield {
          message:
            `Port ${port.port} of Service ${name} needs a name, because there are ` +
            'several: the API server refuses the Service.',
          at: fieldOf(manifest, 'spec', 'ports', port.index),
        };
    }
  },
  bad: {
    says: 'needs a name',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  ports:
    - { name: http, port: 80 }
    - { port: 443 }
      ~~~~~~~~~~~~~
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  ports:
    - { name: http, port: 80 }
    - { name: https, port: 443 }
`,
});
