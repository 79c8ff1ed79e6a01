import type { Policy } from '@rolecall/policy';
import { type Database, query } from '@rolecall/server/database';
import { count, printable } from '../output/index.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { findInvalidGrants } from './stored-grants.ts';

interface Counter {
  readonly organization_id: string;
}

interface Keys {
  readonly active: number;
  readonly all: number;
}

const SHOWN = 3;

/** Looks at what is stored, in a database whose migrations are current. */
export async function checkData(database: Database, policy: Policy): Promise<readonly Finding[]> {
  return [
    await checkGrants(database, policy),
    await checkCounters(database),
    await checkAdmins(database),
    await checkKeys(database),
  ];
}

async function checkGrants(database: Database, policy: Policy): Promise<Finding> {
  const invalid = await findInvalidGrants(database.db, policy);
  if (invalid.length === 0) return ok('grants', 'every stored grant is valid under the policy');
  const shown = invalid
    .slice(0, SHOWN)
    .map(
      ({ effect, scope, rows, reason, exampleOrganization }) =>
        `${count(rows, effect)} of ${printable(scope)} (${printable(reason)}, ` +
        `for one in ${printable(exampleOrganization)})`,
    );
  const rest = invalid.length > SHOWN ? `, and ${invalid.length - SHOWN} more sorts` : '';
  const message = `the policy does not know: ${shown.join('; ')}${rest}`;
  const advice = 'declare what is missing in the policy, or change the roles that hold them';
  return invalid.some(({ effect }) => effect === 'deny')
    ? fail('grants', message, `${advice}; a deny that is not understood stops the start`)
    : warn('grants', message, `${advice}; an allow that is not understood allows nothing`);
}

async function checkCounters(database: Database): Promise<Finding> {
  const wrong = await query<Counter>(database.db, { text: wrongCountersStatement });
  if (wrong.length === 0) return ok('counters', 'members and roles are counted exactly');
  return fail(
    'counters',
    `${count(wrong.length, 'organization')} with a wrong total, such as ${named(wrong)}`,
    'this is a fault of Rolecall: please report it, with what was done to the database by hand',
  );
}

const wrongCountersStatement = `
  SELECT s.organization_id
    FROM rolecall.organization_state s
   WHERE s.member_count <> (SELECT count(*) FROM rolecall.memberships m
                             WHERE m.organization_id = s.organization_id AND m.deleted_at IS NULL)
      OR s.role_count <> (SELECT count(*) FROM rolecall.roles r
                           WHERE r.organization_id = s.organization_id AND r.deleted_at IS NULL)
      OR EXISTS (
           SELECT FROM rolecall.roles r
            WHERE r.organization_id = s.organization_id AND r.deleted_at IS NULL
              AND r.member_count <> (SELECT count(*) FROM rolecall.assignments a
                                      WHERE a.organization_id = r.organization_id
                                        AND a.role_id = r.id))
   ORDER BY s.organization_id`;

async function checkAdmins(database: Database): Promise<Finding> {
  const without = await query<Counter>(database.db, {
    text: 'SELECT organization_id FROM rolecall.organization_state WHERE no_admin ORDER BY 1',
  });
  if (without.length === 0) return ok('admins', 'no organization has lost its last admin');
  return warn(
    'admins',
    `${count(without.length, 'organization')} without an admin, such as ${named(without)}`,
    'give a member the role admin: npx rolecall roles assign <org> admin <user>',
  );
}

async function checkKeys(database: Database): Promise<Finding> {
  const [keys] = await query<Keys>(database.db, {
    text: `
      SELECT count(*) AS all,
             count(*) FILTER (WHERE revoked_at IS NULL AND scope = 'manage'
                                AND organization_id IS NULL) AS active
        FROM rolecall.api_keys`,
  });
  if (keys !== undefined && keys.active > 0) {
    return ok('keys', count(keys.active, 'administrator key'));
  }
  return warn(
    'keys',
    'no key administers this Rolecall',
    'make one with: npx rolecall keys create admin --direct',
  );
}

function named(rows: readonly Counter[]): string {
  return rows
    .slice(0, SHOWN)
    .map((row) => printable(row.organization_id))
    .join(', ');
}
