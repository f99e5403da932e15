import type { Declared } from '../../cluster/declared.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { GatewayImplementation } from './implementation.ts';
import { implementations } from './implementations/all.ts';
import { unknownImplementation } from './implementations/standard.ts';

/** Which implementation takes a Gateway, and how that is known. */
export interface ChosenImplementation {
  readonly implementation: GatewayImplementation;
  readonly by: 'profile' | 'controllerName' | 'className' | 'nothing';
  readonly text: string;
}

/** By the profile, else the GatewayClass's controller, else what such a class is usually called. */
export function implementationOf(
  model: Pick<Declared, 'profile' | 'gatewayApi'>,
  { className }: Gateway,
): ChosenImplementation {
  const named = model.profile.ingressControllers.find((each) => each.class === className);
  const told = named === undefined ? undefined : implementations.find(({ id }) => id === named.implementation);
  if (told !== undefined) return { implementation: told, by: 'profile', text: `class ${className}: ${told.product}` };
  const gatewayClass = model.gatewayApi.classes.find(({ name }) => name === className);
  if (gatewayClass !== undefined) {
    const known = implementations.find(({ controllerNames }) => controllerNames.includes(gatewayClass.controllerName));
    return {
      implementation: known ?? unknownImplementation,
      by: known === undefined ? 'nothing' : 'controllerName',
      text: `controllerName: ${gatewayClass.controllerName}`,
    };
  }
  const usual = implementations.find(({ classNames }) => classNames.some((each) => each.test(className)));
  return usual === undefined
    ? { implementation: unknownImplementation, by: 'nothing', text: `class ${className}` }
    : { implementation: usual, by: 'className', text: `class ${className}, as ${usual.product} usually calls it` };
}
