import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Wired } from '../wire.ts';

/** The administrator key that a start leaves the operator with. */
export interface FirstKey {
  /** The secret, when it was made just now; it is kept nowhere. */
  readonly secret: string | undefined;
  /** The end of a key that works; none when every key is revoked. */
  readonly hint: string | undefined;
}

type Keys = Pick<Wired['roles'], 'createApiKey' | 'ensureApiKey' | 'listApiKeys'>;

const PAGE = 1_000;

/**
 * Makes sure that somebody can administer this Rolecall: with the key that was given, or else, when there
 * has never been any key, with one that is made now. Where keys exist, it only says which one works.
 */
export async function settleFirstKey(roles: Keys, given: string | undefined): Promise<FirstKey> {
  if (given !== undefined) {
    const hint = await settleGivenKey(roles, given);
    return { secret: undefined, hint };
  }
  const { data } = await roles.listApiKeys({ limit: PAGE });
  if (data.length === 0) {
    const { value } = await roles.createApiKey({ scope: 'manage', name: 'first administrator' });
    return { secret: value.key, hint: value.hint };
  }
  const working = data.find(
    ({ scope, organizationId, revokedAt }) =>
      scope === 'manage' && organizationId === null && revokedAt === null,
  );
  return { secret: undefined, hint: working?.hint };
}

/**
 * Makes sure that the key of ROLECALL_API_KEY administers this Rolecall, and resolves to its end. Throws a
 * `CliError` when it cannot: one that was revoked stays revoked.
 */
export async function settleGivenKey(
  roles: Pick<Keys, 'ensureApiKey'>,
  given: string,
): Promise<string> {
  const { apiKey } = await roles
    .ensureApiKey({ key: given, name: 'ROLECALL_API_KEY' })
    .catch((error: unknown) => {
      throw isRefusedAsKey(error) ? unfit(error) : error;
    });
  if (apiKey.revokedAt !== null) throw unusable('was revoked');
  if (apiKey.organizationId !== null || apiKey.scope !== 'manage') {
    throw unusable('is there already, and does not administer everything');
  }
  return apiKey.hint;
}

function isRefusedAsKey(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'invalid_request';
}

function unfit(cause: Error): CliError {
  return new CliError(
    exitCodes.usage,
    'invalid_configuration',
    `ROLECALL_API_KEY cannot be a key: ${cause.message}`,
    { advice: 'set a longer one that nobody can guess, or none to have one made', cause },
  );
}

function unusable(why: string): CliError {
  return new CliError(
    exitCodes.notAuthorized,
    'unusable_key',
    `the key of ROLECALL_API_KEY ${why}`,
    {
      advice: 'set another one, or none to use a key that works',
    },
  );
}
