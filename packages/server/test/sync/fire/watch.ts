import { type Arena } from './arena.ts';
import { type Hazard, hazards } from './hazards.ts';
import { readRemote } from './remote-state.ts';

interface Sight {
  readonly id: string;
  readonly no_admin: boolean;
  readonly admins: number;
  readonly sequence: number;
  readonly hazards: readonly (string | null)[];
  readonly denied: readonly string[] | null;
}

/** A membership that is active here although the last event that was read of it ends or suspends it. */
const DENIED = `SELECT jsonb_agg(m.workos_membership_id) FROM rolecall.memberships m
  CROSS JOIN LATERAL (SELECT i.type, i.data ->> 'status' AS status FROM rolecall.sync_inbox i
    WHERE i.data ->> 'id' = m.workos_membership_id AND i.state = 'taken'
      AND starts_with(i.type, 'organization_membership.')
    ORDER BY i.event_id DESC LIMIT 1) last
  WHERE m.organization_id = s.organization_id AND m.deleted_at IS NULL AND m.status = 'active'
    AND (last.status = 'inactive' OR last.type = 'organization_membership.deleted')`;

const PENDING = `rolecall.sync_entities e WHERE e.organization_id = s.organization_id
  AND e.pushed_version < e.local_version`;

/** Each hazard that a look at the database shows. */
const SIGHTS: readonly (readonly [Hazard, string])[] = [
  ['O2', `EXISTS (SELECT FROM ${PENDING} AND e.reason = 'call_unanswered')`],
  ['O3', `EXISTS (SELECT FROM ${PENDING} AND e.reason = 'slug_taken')`],
  ['O6', `EXISTS (SELECT FROM ${PENDING} AND e.reason = 'role_missing')`],
  ['O12', `EXISTS (SELECT FROM ${PENDING} AND e.pushed_version < e.local_version - 1)`],
  ['O13', `(SELECT count(DISTINCT e.priority) > 2 FROM ${PENDING})`],
  ['O17', `EXISTS (SELECT FROM ${PENDING} AND e.state IN ('blocked', 'quarantined', 'conflict'))`],
  [
    'O18',
    `EXISTS (SELECT FROM ${PENDING} AND e.priority = 0) AND EXISTS (SELECT FROM ${PENDING} AND e.priority > 0)`,
  ],
  [
    'I5',
    `EXISTS (SELECT FROM ${PENDING} AND EXISTS (SELECT FROM rolecall.sync_marks k
      WHERE k.organization_id = s.organization_id AND k.key IN (e.base ->> 'remoteId',
        (SELECT r.slug FROM rolecall.roles r WHERE r.organization_id = s.organization_id
          AND r.id::text = e.subject_id))))`,
  ],
  [
    'I6',
    `EXISTS (SELECT FROM rolecall.sync_inbox WHERE state = 'parked') OR EXISTS (
      SELECT FROM rolecall.sync_entities e WHERE e.organization_id = s.organization_id AND e.state = 'parked')`,
  ],
  [
    'I7',
    `EXISTS (SELECT FROM rolecall.sync_marks k JOIN rolecall.roles r ON r.slug = k.key
      WHERE k.organization_id = s.organization_id AND r.organization_id = s.organization_id
        AND r.deleted_at IS NOT NULL)`,
  ],
  [
    'I8',
    `EXISTS (SELECT FROM rolecall.roles r WHERE r.organization_id = s.organization_id
      AND r.kind = 'organization' GROUP BY r.slug HAVING count(*) > 1)`,
  ],
  [
    'I12',
    `EXISTS (SELECT FROM rolecall.memberships m WHERE m.organization_id = s.organization_id
      AND m.status = 'inactive' AND m.deleted_at IS NULL)`,
  ],
  ['I16', 's.no_admin'],
  [
    'I18',
    `EXISTS (SELECT FROM rolecall.sync_organizations o WHERE o.organization_id = s.organization_id
        AND o.snapshot_done < o.snapshot_wanted)
      AND EXISTS (SELECT FROM rolecall.sync_marks k WHERE k.organization_id = s.organization_id)`,
  ],
  ['I23', `EXISTS (SELECT FROM rolecall.sync_inbox GROUP BY happened_at HAVING count(*) > 1)`],
  ['I30', `EXISTS (SELECT FROM rolecall.sync_environment_marks WHERE kind = 'user')`],
];

const SIGHT = `SELECT s.organization_id AS id, s.no_admin, s.audit_sequence::integer AS sequence,
  (SELECT count(*)::integer FROM rolecall.usable_admins a
    WHERE a.organization_id = s.organization_id) AS admins,
  ARRAY[${SIGHTS.map(([hazard, test]) => `CASE WHEN ${test} THEN '${hazard}' END`).join(', ')}] AS hazards,
  (${DENIED}) AS denied
  FROM rolecall.organization_state s`;

/** What must hold at every moment, looked at after every step. */
export class Watch {
  readonly #arena: Arena;
  readonly #before = new Map<string, Sight>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  async look(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const sight of await this.#arena.rows<Sight>(SIGHT)) {
      for (const hazard of sight.hazards) {
        if (hazard !== null && hazard in hazards) this.#arena.reached(hazard as Hazard);
      }
      found.push(...(await this.#admitted(sight)), ...(await this.#administered(sight)));
      this.#before.set(sight.id, sight);
    }
    return found;
  }

  /** INVARIANT (denied at once): nobody is active here whose end or suspension was read and still holds. */
  async #admitted({ denied }: Sight): Promise<readonly string[]> {
    const { history, simulator, rows } = this.#arena;
    const there = new Map(readRemote(simulator).memberships.map((one) => [one.id, one.status]));
    const found: string[] = [];
    for (const id of denied ?? []) {
      if ((there.get(id) ?? 'inactive') !== 'inactive') continue;
      const newest = history.newestEventOf(id) ?? '';
      const read = await rows('SELECT FROM rolecall.sync_inbox WHERE event_id = $1', newest);
      if (read.length > 0) found.push(`\`${id}\` is active although its suspension was read`);
    }
    return found;
  }

  /** DESIGN §3: only what WorkOS owns takes the last admin away, and then the organization is flagged. */
  async #administered(sight: Sight): Promise<readonly string[]> {
    const { id, admins, no_admin } = sight;
    if (admins > 0) return no_admin ? [`\`${id}\` has admins and is flagged \`no_admin\``] : [];
    const before = this.#before.get(id);
    if (before === undefined) return [];
    const lost = before.admins > 0 || before.no_admin;
    if (lost && !no_admin) return [`\`${id}\` lost its admins and is not flagged`];
    if (before.admins === 0) return [];
    const entries = await this.#arena.rows<{ actor: string; action: string; managed: boolean }>(
      `SELECT a.actor, a.action, coalesce(m.directory_managed, true) AS managed FROM rolecall.audit_events a
         LEFT JOIN rolecall.memberships m ON m.organization_id = a.organization_id
           AND a.subject = 'user:' || m.user_id AND m.deleted_at IS NULL
         WHERE a.organization_id = $1 AND a.sequence > $2`,
      id,
      before.sequence,
    );
    const owned = entries.some(
      ({ actor, action, managed }) =>
        actor === 'workos' && (action !== 'member.roles_changed' || managed),
    );
    return owned ? [] : [`\`${id}\` lost its admins by what Rolecall owns`];
  }
}
