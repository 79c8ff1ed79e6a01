import { type Tx } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeCommand } from '../close-command.ts';
import { type CommandContext, type Committed, committed } from '../command.ts';
import { requireMemberRole } from '../member-role.ts';
import { type ImportDocument, type ImportResult } from './document.ts';
import { countPlan, importEntries, roleIntents } from './import-entries.ts';
import { judgeDocument } from './judge-document.ts';
import { assignRoleIds, drawSlugs, planImport } from './plan.ts';
import { readFacts } from './read-facts.ts';
import { writePlan } from './write-plan.ts';

/**
 * Makes a document true, all or nothing: roles by their key, members by their id. Nothing is taken away:
 * roles keep the grants, and members the roles, that the document does not name. Doing it again changes
 * nothing. In a linked organization the members must be there. Throws `organization_not_found`, and
 * `import_invalid` with every problem of the document at its place.
 */
export async function importOrganization(
  tx: Tx,
  organizationId: string,
  document: ImportDocument,
  context: CommandContext,
): Promise<Committed<ImportResult>> {
  const slugs = drawSlugs(document.roles ?? []);
  const lock = await lockOrganization(tx, organizationId);
  const facts = await readFacts(tx, lock, document, slugs);
  const roleIds = assignRoleIds(document.roles ?? [], facts);
  const grants = judgeDocument(document, facts, { policy: context.policy, roleIds });
  const memberRoleId = requireMemberRole(lock);
  const plan = planImport(document, facts, { grants, roleIds, slugs, memberRoleId });
  const sets = await writePlan(tx, lock, plan);
  const value = countPlan(plan);
  const changes = Object.values(value).some((count) => count > 0);
  await closeCommand(tx, lock, context, {
    changed: {
      roles: [
        ...plan.roleCreations,
        ...plan.roleUpdates.filter(({ gained }) => gained.length > 0),
      ].map(({ id }) => id),
      users: [...plan.memberCreations.map(({ userId }) => userId), ...sets.users],
    },
    entries: changes ? [...importEntries(organizationId, plan, value), ...sets.entries] : [],
    intents: [...roleIntents(plan), ...sets.intents],
  });
  return committed(lock, value);
}
