import type { PathMatch } from '../match.ts';
import { sameUnderHttps } from '../routing/location.ts';
import { compiledByRank, dialect, exactThenLongest } from './standard.ts';

/**
 * Azure's Application Gateway Ingress Controller 1.8: one gateway for all Ingresses;
 * a path is exact unless it ends in `*`.
 */
export const applicationGateway = dialect({
  id: 'application-gateway',
  product: 'Application Gateway Ingress Controller',
  presence: {
    kind: 'cloud',
    classNames: ['azure-application-gateway', 'azure/application-gateway'],
    controllerName: 'azure/application-gateway',
  },
  annotations: {
    prefixes: ['appgw.ingress.kubernetes.io/'],
    modelled: ['appgw.ingress.kubernetes.io/ssl-redirect'],
    harmless: /health-probe|request-timeout|connection-draining|appgw-ssl-certificate|waf-policy|use-private-ip/,
  },
  compile: compiledByRank({
    pathOf: ({ path, pathType }): PathMatch => {
      const bare = path.replace(/\*$/, '');
      if (pathType === 'Exact') return { kind: 'exact', path: bare };
      return pathType === 'Prefix' || path.endsWith('*')
        ? { kind: 'text-prefix', path: bare }
        : path === '/'
          ? { kind: 'text-prefix', path }
          : { kind: 'exact', path };
    },
    rank: exactThenLongest,
    toPlainHttp: ({ manifest: { annotations } }) =>
      annotations.get('appgw.ingress.kubernetes.io/ssl-redirect') === 'true'
        ? [
            {
              host: null,
              status: 301,
              location: sameUnderHttps,
              text: 'The gateway redirects plain HTTP to {location}.',
              at: ['metadata', 'annotations', 'appgw.ingress.kubernetes.io/ssl-redirect'],
            },
          ]
        : [],
  }),
  sendsToPods: () => true,
  remark: 'A `Prefix` goes letter by letter; an `ImplementationSpecific` path is exact unless it ends in `*`.',
  sources: [
    'learn.microsoft.com/azure/application-gateway/ingress-controller-annotations',
    'Azure/application-gateway-kubernetes-ingress pkg/appgw/requestroutingrules.go',
  ],
});
