import { type Arena } from './arena.ts';
import { readRemote } from './remote-state.ts';

interface Sight {
  readonly admins: number;
  readonly no_admin: boolean;
  readonly id: string;
  readonly hazards: readonly string[] | null;
  readonly active: readonly string[] | null;
}

const SIGHT = `SELECT s.organization_id AS id, s.no_admin,
  (SELECT count(*)::integer FROM rolecall.usable_admins a WHERE a.organization_id = s.organization_id) AS admins,
  (SELECT jsonb_agg(DISTINCT concat(e.state, ' ', e.reason)) FROM rolecall.sync_entities e
    WHERE e.organization_id = s.organization_id AND e.reason IS NOT NULL) AS reasons,
  (SELECT jsonb_agg(m.workos_membership_id) FROM rolecall.memberships m
    WHERE m.organization_id = s.organization_id AND m.deleted_at IS NULL AND m.status = 'active'
      AND m.workos_membership_id IS NOT NULL) AS active
  FROM rolecall.organization_state s`;

/** What must hold at every moment, looked at after every step. */
export async function watch(arena: Arena): Promise<readonly string[]> {
  const sights = await arena.rows<Sight>(SIGHT);
  readRemote(arena.simulator);
  return sights.flatMap(({ id, admins, no_admin }) =>
    admins > 0 && no_admin ? [`\`${id}\` has admins and is flagged \`no_admin\``] : [],
  );
}
