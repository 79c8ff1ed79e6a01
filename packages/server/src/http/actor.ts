import { type Access } from '../access/index.ts';
import { parsePrincipal, type Policy } from '@rolecall/policy';
import { refusal, type RolecallError } from '../errors/index.ts';

/** The user whom a request is made for, as `Rolecall-Actor` names them. Throws `invalid_request`. */
export function readActor(headers: Headers): string | undefined {
  const header = headers.get('rolecall-actor');
  if (header === null) return undefined;
  const actor = asUtf8(header);
  if (actor === undefined || !isUser(actor)) throw malformed();
  return actor;
}

/** A header carries bytes, which arrive as one character each; ids may be in any script. */
function asUtf8(header: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'));
  } catch {
    return undefined;
  }
}

function isUser(principal: string): boolean {
  try {
    return parsePrincipal(principal).type === 'user';
  } catch {
    return false;
  }
}

function malformed(): RolecallError {
  return refusal('invalid_request', 'the header `Rolecall-Actor` is not `user:<id>`', {
    problems: [{ path: 'Rolecall-Actor', message: 'must be `user:<id>`' }],
  });
}

interface ActorQuestion {
  readonly organizationId: string;
  readonly actor: string;
  readonly writes: boolean;
}

/**
 * Refuses what the acting user may not do: reading needs `org:read`, writing `org:admin`, decided from the
 * primary. It counts even where the organization's enforcement is not on: Rolecall's own API is always
 * enforced. Throws `forbidden`, `organization_not_found`.
 */
export async function requireActor(
  { access, policy }: { readonly access: Access; readonly policy: Policy },
  { organizationId, actor, writes }: ActorQuestion,
): Promise<void> {
  const scope = writes ? 'org:admin' : 'org:read';
  const handle = await access.principal(organizationId, actor, { consistency: { mode: 'strong' } });
  if (!policy.byName.has(scope)) throw refusal('forbidden', `the policy has no \`${scope}\``);
  const decision = handle.decide({ scope, resource_id: organizationId });
  if (!(decision.enforced ?? decision).allowed) {
    throw refusal('forbidden', `\`${actor}\` does not hold \`${scope}\` in this organization`);
  }
}
