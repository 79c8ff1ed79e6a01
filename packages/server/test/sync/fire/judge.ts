import { type Arena } from './arena.ts';

/** Whether what was acknowledged and what was done is all there, or superseded on record. */
export async function judge(arena: Arena): Promise<readonly string[]> {
  const twice = await arena.rows<{ readonly event_id: string }>(
    'SELECT event_id FROM fire.ingested GROUP BY 1 HAVING count(*) > 1',
  );
  return twice.map(({ event_id }) => `the event \`${event_id}\` was applied twice`);
}
