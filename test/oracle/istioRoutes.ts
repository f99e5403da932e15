import { seededRandom } from '../seededRandom.ts';
import { gatewayAnswers } from './gatewayAnswers.ts';
import type { IstioKind } from './istioKind.ts';
import { controllerName, deployed, gatewaysOf, inClass, istioGateways, portsOf } from './istioGateways.ts';
import { inWire, isRead, istioIngresses } from './istioIngresses.ts';
import { baseOf, type GatewayObject } from './randomGateways.ts';
import { randomRoutes } from './randomRoutes.ts';

/** Random Gateways and HTTPRoutes as Traefik is asked about them, of Istio's class. */
export const istioRoutes: IstioKind = {
  setOf: (seed) => {
    const question = randomRoutes(seededRandom(seed));
    const written: GatewayObject[] = JSON.parse(JSON.stringify(question.objects));
    const objects = inClass(written).filter(({ kind }) => kind !== 'GatewayClass');
    const ports = gatewaysOf(objects).flatMap(portsOf);
    return {
      objects,
      requests: question.requests
        .filter(isRead)
        .map((each) => inWire(each, 'default/gateway'))
        .filter(({ port }) => ports.includes(port)),
    };
  },
  seen: ({ objects }) => [...around, ...objects, ...gatewaysOf(objects).flatMap(deployed)],
  proxies: istioGateways.proxies,
  ours: (set) => gatewayAnswers(set, around, istioIngresses.serviceAt),
  serviceAt: istioIngresses.serviceAt,
  edges: [],
};

/** The set has its own Services. */
const around = inClass(baseOf(controllerName)).filter(({ kind }) => kind === 'GatewayClass' || kind === 'Namespace');
