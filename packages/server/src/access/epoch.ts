import { query, type Reader } from '../database/index.ts';
import { defect } from '../errors/index.ts';

/** The database's history: what a revision token names besides organization and revision. */
export async function readEpoch(reader: Reader): Promise<string> {
  const [row] = await query<{ readonly epoch: string }>(reader, {
    name: 'access_epoch',
    text: 'SELECT epoch FROM rolecall.environment',
  });
  if (row === undefined) throw defect('the database has no environment row');
  return row.epoch;
}
