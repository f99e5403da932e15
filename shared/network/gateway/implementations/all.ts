import type { GatewayImplementation } from '../implementation.ts';
import { aws } from './aws.ts';
import { azureContainers } from './azureContainers.ts';
import { cilium } from './cilium.ts';
import { contour } from './contour.ts';
import { envoyGateway } from './envoyGateway.ts';
import { gke } from './gke.ts';
import { istio } from './istio.ts';
import { kgateway } from './kgateway.ts';
import { kong } from './kong.ts';
import { nginxGatewayFabric } from './nginxGatewayFabric.ts';
import { standard } from './standard.ts';
import { traefik } from './traefik.ts';

/** Every implementation that is known, in the order of the table in `docs/gateways.md`. */
export const implementations: readonly GatewayImplementation[] = [
  standard,
  envoyGateway,
  istio,
  cilium,
  contour,
  kgateway,
  nginxGatewayFabric,
  traefik,
  kong,
  gke,
  aws,
  azureContainers,
];
