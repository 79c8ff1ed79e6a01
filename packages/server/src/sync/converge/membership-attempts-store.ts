import { query, type Reader } from '../../database/index.ts';

/** A membership here, and the life in WorkOS that it is found to have. */
export interface Life {
  readonly subjectId: string;
  readonly remoteId: string;
}

/**
 * Gives memberships the unanswered calls that were sent to their life before anybody here knew whose it is. They are
 * looked at soon, and then again when the last of those calls has passed. Answers with how many are concerned.
 *
 * INVARIANT (remembered attempts): a call names a membership by its remote id, whatever it was sent for. Whoever has
 * that life is who knows the call as ours, and for whom it is forgotten.
 */
export async function inheritAttempts(
  reader: Reader,
  organizationId: string,
  lives: readonly Life[],
): Promise<number> {
  if (lives.length === 0) return 0;
  const rows = await query(reader, {
    name: 'sync_inherit_attempts',
    text: `WITH inherited AS (
        UPDATE rolecall.sync_attempts a SET entity_id = e.id
          FROM unnest($2::text[], $3::text[]) AS life (subject_id, remote_id)
          JOIN rolecall.sync_entities e ON e.organization_id = $1 AND e.kind = 'membership_roles'
            AND e.subject_id = life.subject_id
          WHERE a.organization_id = $1 AND a.value ? 'remoteId'
            AND a.value ->> 'remoteId' = life.remote_id AND a.entity_id <> e.id
          RETURNING e.id
      )
      UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()
        WHERE organization_id = $1 AND id IN (SELECT id FROM inherited) RETURNING id`,
    values: [
      organizationId,
      lives.map((life) => life.subjectId),
      lives.map((life) => life.remoteId),
    ],
  });
  return rows.length;
}
