import { kindOf, loadBalancerKinds } from '../../network/loadBalancers/catalogue.ts';
import type { TrafficField } from './trafficField.ts';

/**
 * The annotations by which a load balancer's controller is told what to do, each with what it changes and who reads it.
 */
export const loadBalancerAnnotations: readonly TrafficField[] = [
  ...new Map(
    loadBalancerKinds.flatMap(({ annotations, sources }) =>
      annotations.map(({ name, meaning }): [string, TrafficField] => [
        name,
        {
          kind: 'Service',
          path: ['metadata', 'annotations', name],
          link: sources[0] ?? '',
          help({ service, model }) {
            const chosen = service === null ? null : kindOf(model, service);
            const reader =
              chosen === null || chosen.by === 'nothing'
                ? ''
                : chosen.kind.annotations.some((each) => each.name === name)
                  ? ` Read for ${chosen.kind.title}.`
                  : ` This Service's load balancer is ${chosen.kind.title} (${chosen.text}), which doesn't read it.`;
            return `**${name.slice(name.indexOf('/') + 1)}**\n\n${meaning}${reader}`;
          },
        },
      ]),
    ),
  ).values(),
];
