import type { Because } from '../../../cluster/because.ts';
import type { Answer, RouteMatch } from '../../routing/routeTable.ts';
import { annotated, answer } from '../compiled.ts';
import { nginxName } from '../nginxAnnotation.ts';
import type { NetworkList } from './accessAnnotations.ts';
import type { LocationContext } from './locationContext.ts';

/** Whom a location doesn't let in, and what it answers. */
export interface AccessAnswer {
  readonly condition: Partial<Pick<RouteMatch, 'clients' | 'headers'>>;
  readonly action: Answer;
  readonly because: readonly Because[];
}

/**
 * nginx's access phase: addresses, then the password; `satisfy: any` lets in whoever passes one of them. What another
 * server says by `auth-url` is assumed.
 * Source: nginx.org/en/docs/http/ngx_http_core_module.html#satisfy, ngx_http_access_module; nginx.tmpl of
 * kubernetes/ingress-nginx v1.14.5.
 */
export function accessAnswers(context: LocationContext): AccessAnswer[] {
  const { settings } = context.configuration;
  const { asked, path } = context.location;
  const isOpen = settings.noAuthLocations.some((each) => path.startsWith(each));
  const password = isOpen || asked?.password?.realm === 'off' ? null : (asked?.password ?? null);
  const byAddress = addressAnswers(context);
  if (password === null) return hasExternalAuth(context, isOpen) && asked?.satisfy === 'any' ? [] : byAddress;
  const asks = passwordAnswer(context, password.type);
  if (asked?.satisfy !== 'any') return [...byAddress, asks];
  if (hasExternalAuth(context, isOpen)) return [];
  return [...byAddress.map((each) => both(each, asks)), ...(allows(context) ? [] : [asks])];
}

/** Who comes from elsewhere and shows no password. */
function both(one: AccessAnswer, asks: AccessAnswer): AccessAnswer {
  return { ...asks, condition: { ...one.condition, ...asks.condition } };
}

export function hasExternalAuth(
  { configuration: { settings }, location: { asked } }: LocationContext,
  isOpen: boolean,
): boolean {
  if (isOpen || asked === null) return false;
  return asked.externalAuthUrl !== null || (settings.globalAuthUrl !== null && asked.usesGlobalAuth);
}

function allows({ location: { asked } }: LocationContext): boolean {
  return (asked?.allowlist.networks.length ?? 0) > 0;
}

/** `block-cidrs` stands before all servers: it counts only where the location has no list of its own. */
function addressAnswers(context: LocationContext): AccessAnswer[] {
  const { location, configuration } = context;
  const { blockCidrs } = configuration.settings;
  const { asked } = location;
  const none: NetworkList = { annotation: null, networks: [] };
  const deny = asked?.denylist ?? none;
  const allow = asked?.allowlist ?? none;
  if (deny.networks.length === 0 && allow.networks.length === 0)
    return blockCidrs.length === 0
      ? []
      : [addressAnswer(context, { annotation: null, networks: blockCidrs }, 'block-cidrs')];
  return [
    ...(deny.networks.length === 0 ? [] : [addressAnswer(context, deny, 'denylist-source-range')]),
    ...(allow.networks.length === 0 ? [] : [addressAnswer(context, allow, 'whitelist-source-range')]),
  ];
}

function addressAnswer(
  { location: { owner } }: LocationContext,
  { annotation, networks }: NetworkList,
  setting: 'block-cidrs' | 'denylist-source-range' | 'whitelist-source-range',
): AccessAnswer {
  const where = annotation ?? `${setting} in its ConfigMap`;
  const text = `ingress-nginx refuses {client}, the address that it sees: ${where} is ${networks.join(', ')}.`;
  return {
    condition: { clients: { isIn: setting !== 'whitelist-source-range', ranges: networks } },
    action: answer(403, 'not-allowed', text),
    because:
      owner === null || annotation === null
        ? []
        : [annotated(owner, nginxName(annotation), `${annotation}: ${networks.join(', ')}`)],
  };
}

function passwordAnswer({ location: { owner } }: LocationContext, type: string): AccessAnswer {
  return {
    condition: { headers: [{ name: 'authorization', match: { kind: 'absent' } }] },
    action: answer(401, 'unauthorized', `ingress-nginx asks for credentials (${type}).`),
    because: owner === null ? [] : [annotated(owner, nginxName('auth-type'), `auth-type: ${type}`)],
  };
}
