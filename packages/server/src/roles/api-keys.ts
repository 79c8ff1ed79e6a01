import { type AuditEntry, appendEnvironmentAudit } from '../audit/index.ts';
import { type Reader, type Tx } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import {
  lineProblem,
  lockOrganization,
  normalizeLine,
  type OrganizationLock,
  refuseProblems,
} from '../identity/index.ts';
import { type ApiKey, apiKeyShape, type CreatedApiKey, type NewApiKey } from './api-key.ts';
import { apiKeyNotFound } from './api-key-refusals.ts';
import { generateSecret, hashSecret, keyMaterial } from './api-key-secret.ts';
import {
  findAnyKeyByHash,
  findKey,
  findKeyByHash,
  insertKey,
  revokeKey,
} from './api-keys-store.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext } from './command.ts';
import { deleteGrantsOf } from './direct-grants-store.ts';
import { isUuid } from './role-refusals.ts';

/** What was done to a key; the revision is null where it belongs to no organization. */
export interface KeyCommitted<Value> {
  readonly value: Value;
  readonly revision: number | null;
}

/** Makes an API key; its secret is in the answer and nowhere else. Throws `organization_not_found`, `invalid_request`. */
export async function createApiKey(
  tx: Tx,
  args: NewApiKey,
  context: CommandContext,
): Promise<KeyCommitted<CreatedApiKey>> {
  const name = readKeyName(args.name);
  const { organizationId } = args;
  const lock = organizationId === undefined ? null : await lockOrganization(tx, organizationId);
  const key = generateSecret(args.scope);
  const made = await insertKey(tx, { ...args, name, ...keyMaterial(key) });
  if (made === undefined) throw defect('two API keys have the same secret');
  await record(tx, lock, context, {
    action: 'api_key.created',
    subject: `api_key:${made.id}`,
    after: apiKeyShape(made),
  });
  return { value: { ...made, key }, revision: lock?.revision ?? null };
}

/**
 * Revokes an API key: the next request with it is refused, and its direct grants are gone. Revoking it again
 * changes nothing. A caller of one organization names it, and reaches only its keys. Throws `api_key_not_found`.
 */
export async function revokeApiKey(
  tx: Tx,
  args: { readonly apiKeyId: string; readonly organizationId?: string | undefined },
  context: CommandContext,
): Promise<KeyCommitted<ApiKey>> {
  const key = await requireKey(tx, args);
  const lock = key.organizationId === null ? null : await lockOrganization(tx, key.organizationId);
  const revoked = await revokeKey(tx, key.id);
  if (lock !== null) await deleteGrantsOf(tx, lock, { column: 'api_key_id', id: key.id });
  await record(
    tx,
    lock,
    context,
    revoked && {
      action: 'api_key.revoked',
      subject: `api_key:${key.id}`,
      before: apiKeyShape(key),
      after: apiKeyShape(revoked),
    },
  );
  const value = revoked ?? (await requireKey(tx, args));
  return { value, revision: lock?.revision ?? null };
}

/**
 * The key that a secret belongs to, if it is one and not revoked. One statement by hash, whatever the
 * secret looks like.
 */
export function authenticateApiKey(reader: Reader, secret: string): Promise<ApiKey | undefined> {
  return findKeyByHash(reader, hashSecret(secret));
}

/** A secret that its owner has chosen, and what to call its key. */
export interface ChosenKey {
  readonly key: string;
  readonly name: string;
}

const MIN_SECRET_CHARACTERS = 20;

/**
 * Makes sure that a `manage` key of the whole environment with this secret is there. One that was revoked
 * stays revoked, and one that belongs to an organization stays there: look at the key that is returned.
 * Throws `invalid_request` for a secret that is too short to be one.
 */
export async function ensureApiKey(
  tx: Tx,
  { key, name }: ChosenKey,
  context: CommandContext,
): Promise<{ readonly apiKey: ApiKey; readonly created: boolean }> {
  refuseProblems({
    key:
      key.length < MIN_SECRET_CHARACTERS
        ? `must have at least ${MIN_SECRET_CHARACTERS} characters`
        : undefined,
  });
  const material = keyMaterial(key);
  const made = await insertKey(tx, { scope: 'manage', name: readKeyName(name), ...material });
  if (made === undefined) {
    const apiKey = await findAnyKeyByHash(tx, material.hash);
    if (apiKey === undefined) throw defect('an API key was neither made nor found');
    return { apiKey, created: false };
  }
  const subject = `api_key:${made.id}`;
  await record(tx, null, context, { action: 'api_key.created', subject, after: apiKeyShape(made) });
  return { apiKey: made, created: true };
}

function readKeyName(name: string): string {
  const line = normalizeLine(name);
  refuseProblems({ name: lineProblem(line, 100) });
  return line;
}

async function requireKey(
  tx: Tx,
  { apiKeyId, organizationId }: Parameters<typeof revokeApiKey>[1],
): Promise<ApiKey> {
  const key = isUuid(apiKeyId) ? await findKey(tx, apiKeyId) : undefined;
  if (key === undefined) throw apiKeyNotFound(apiKeyId);
  if (organizationId !== undefined && key.organizationId !== organizationId) {
    throw apiKeyNotFound(apiKeyId);
  }
  return key;
}

/** A key's history is that of its organization, or of the environment where it has none. */
async function record(
  tx: Tx,
  lock: OrganizationLock | null,
  context: CommandContext,
  entry: AuditEntry | undefined,
): Promise<void> {
  if (lock === null) {
    if (entry !== undefined) await appendEnvironmentAudit(tx, context, entry);
    return;
  }
  const id = entry?.subject.slice('api_key:'.length);
  await closeCommand(tx, lock, context, {
    changed: id === undefined ? {} : { apiKeys: [id] },
    entries: entry === undefined ? [] : [entry],
  });
}
