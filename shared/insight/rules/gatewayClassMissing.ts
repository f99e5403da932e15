import { fieldOf } from '../../manifest/manifest.ts';
import { replacing } from '../fixes.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** A class that isn't among the GatewayClasses, where there are some to compare with. */
export const gatewayClassMissing = rule({
  id: 'gateway-class-missing',
  topic: 'gateways',
  severity: 'warning',
  meaning: 'No controller takes the Gateway: nothing listens on its ports.',
  remedy: 'Name a GatewayClass that there is, or add this one to the set.',
  details:
    'Speaks only where the set has GatewayClasses to compare with. A class that most clusters have is taken to be ' +
    'there.',
  link: 'https://gateway-api.sigs.k8s.io/api-types/gatewayclass/',
  about: 'Gateway',
  *check({ manifest, name, className }, { model, isComplete }) {
    const { classes } = model.gatewayApi;
    if (!isComplete || classes.length === 0) return;
    const isKnown = classes.some((each) => each.name === className);
    if (isKnown || model.profile.ingressControllers.some((each) => each.class === className)) return;
    const alike = classes.find((each) => isLike(each.name, className));
    yield {
      severity: alike === undefined ? 'info' : 'warning',
      message:
        `There is no GatewayClass ${className} among these (${classes.map((each) => each.name).join(', ')})` +
        `${alike === undefined ? ': unless it is applied from elsewhere, no' : `, so no`} controller takes Gateway ` +
        `${name}.${alike === undefined ? '' : ` Did you mean ${alike.name}?`}`,
      at: fieldOf(manifest, 'spec', 'gatewayClassName'),
      cause: className,
      fixes:
        alike === undefined
          ? []
          : replacing(`Use class ${alike.name}`, manifest, alike.name, 'spec', 'gatewayClassName'),
    };
  },
  bad: {
    says: 'Did you mean envoy?',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: evnoy
                    ~~~~~
  listeners: [{ name: http, port: 80, protocol: HTTP }]
`,
  },
  isMended: true,
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: envoy, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`,
});
