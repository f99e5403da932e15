import type { Expression, HostMatch } from '../../match.ts';
import type { NginxConfiguration } from './configuration.ts';
import type { NginxLocation, NginxServer } from './servers.ts';

/** One location of one server, under one of the server's names: what its routes are made of. */
export interface LocationContext {
  readonly configuration: NginxConfiguration;
  readonly server: NginxServer;
  readonly location: NginxLocation;
  readonly host: HostMatch;
  /** The expression that the host's name is; null for another kind of name. */
  readonly hostExpression: Expression | null;
  /** Whether every path of the server is an expression. */
  readonly isExpression: boolean;
}
