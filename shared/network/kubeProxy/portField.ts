import { type Because, written } from '../../cluster/because.ts';
import type { ProxiedPort } from './proxiedPort.ts';

/** The fields of a Service that a rule may rest on. */
export class PortFields {
  readonly #port: ProxiedPort;

  constructor(port: ProxiedPort) {
    this.#port = port;
  }

  spec(text: string, ...path: readonly string[]): Because {
    return written(this.#port.service.manifest, text, 'spec', ...path);
  }

  port(name: 'port' | 'nodePort' | 'targetPort'): Because {
    const { port, service } = this.#port;
    return written(service.manifest, `${name}: ${port[name]}`, 'spec', 'ports', port.index, name);
  }

  policy(name: 'internalTrafficPolicy' | 'externalTrafficPolicy'): Because {
    return this.spec(`${name}: ${this.#port.service[name]}`, name);
  }
}
