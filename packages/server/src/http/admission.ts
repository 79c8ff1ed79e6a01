import { type AnyEndpoint } from '@rolecall/contract';
import { refusal } from '../errors/index.ts';
import { readActor, requireActor } from './actor.ts';
import {
  authenticate,
  type Caller,
  readSecret,
  requireOrganization,
  requireScope,
} from './authentication.ts';
import { type Exchange } from './exchange.ts';
import { isStorable, unstorable } from './json-text.ts';
import { readAs } from './validation.ts';

/** A request that may be answered: who calls, for whom, and where. */
export interface Admission {
  readonly caller: Caller;
  /** `user:<id>` when the call is made for a user. */
  readonly actor: string | undefined;
  readonly params: unknown;
}

/**
 * Decides whether a request may be answered at all: the key, its scope, its organization, and the user it
 * is made for. Throws `unauthenticated`, `forbidden`, `organization_not_found`, `invalid_request`.
 */
export async function admit(endpoint: AnyEndpoint, exchange: Exchange): Promise<Admission> {
  const { service, request, notes } = exchange;
  const secret = readSecret(request.headers.get('authorization'));
  const caller = await authenticate(service, secret, endpoint.key);
  notes.apiKeyId = caller.apiKey.id;
  requireScope(caller.apiKey, endpoint.key);
  const params = readParams(endpoint, exchange.params);
  const organizationId = exchange.params['org'];
  if (organizationId !== undefined) {
    notes.organizationId = organizationId;
    requireOrganization(caller.apiKey, organizationId);
  }
  const actor = readActor(request.headers);
  if (actor !== undefined) {
    if (endpoint.onBehalf !== true || organizationId === undefined) {
      throw refusal('forbidden', 'this cannot be done for a user: leave out `Rolecall-Actor`');
    }
    const changes = endpoint.writes === true || endpoint.acts === true;
    await requireActor(service, { organizationId, actor, writes: changes });
  }
  return { caller, actor, params };
}

function readParams({ params }: AnyEndpoint, given: Readonly<Record<string, string>>): unknown {
  if (params === undefined) return undefined;
  for (const [name, value] of Object.entries(given)) {
    if (!isStorable(value)) throw unstorable(name);
  }
  return readAs(params, given, 'path');
}
