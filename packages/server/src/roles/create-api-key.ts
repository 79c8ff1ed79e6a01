import { type Tx } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { lineProblem, lockOrganization, normalizeLine, refuseProblems } from '../identity/index.ts';
import { apiKeyShape, type CreatedApiKey, type NewApiKey } from './api-key.ts';
import { generateSecret, keyMaterial } from './api-key-secret.ts';
import { insertKey } from './api-keys-store.ts';
import { type CommandContext } from './command.ts';
import { type KeyCommitted, recordKey } from './record-api-key.ts';

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
  await recordKey(tx, lock, context, {
    action: 'api_key.created',
    subject: `api_key:${made.id}`,
    after: apiKeyShape(made),
  });
  return {
    value: { ...made, key },
    revision: lock?.revision ?? null,
    epoch: lock?.epoch ?? null,
  };
}

/** What a key is called, as it is kept. Throws `invalid_request`. */
export function readKeyName(name: string): string {
  const line = normalizeLine(name);
  refuseProblems({ name: lineProblem(line, 100) });
  return line;
}
