import { endpoints } from '@rolecall/contract';
import { builtinPolicy, validateCheck } from '@rolecall/policy';
import { anyText, createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { query } from '../src/database/index.ts';
import { identifierProblem } from '../src/identity/index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const LETTERS = ['*', '*', 'a', '/', ':', '.', 'ж', '用', '🌳', 'é', ' ', '\n', '\u00a0', '\u0085'];
const ids = fc.oneof(
  fc.array(fc.constantFrom(...LETTERS), { maxLength: 4 }).map((letters) => letters.join('')),
  anyText(300),
);

const readByContract = (org: string) => endpoints.getOrganization.params?.safeParse({ org });
const byContract = (id: string): boolean => readByContract(id)?.success === true;
const byCommands = (id: string): boolean => identifierProblem(id) === undefined;
function byPolicy(id: string): boolean {
  try {
    validateCheck(builtinPolicy, { scope: 'project:read', resource_id: id });
    return true;
  } catch {
    return false;
  }
}

async function byDatabase(texts: readonly string[]): Promise<readonly boolean[]> {
  const rows = await query<{ readonly good: boolean }>(test.db, {
    text: `SELECT rolecall.is_identifier(id) AS good
             FROM unnest($1::text[]) WITH ORDINALITY AS t (id, place) ORDER BY place`,
    values: [texts],
  });
  return rows.map(({ good }) => good);
}

describe('one rule says what an id is', () => {
  it('and it refuses the wildcard alone, wherever it is asked', async () => {
    const answers = [byContract, byCommands, byPolicy];
    expect(answers.map((takes) => takes('*'))).toEqual([false, false, false]);
    for (const id of ['team-*', '*a', '**', 'a*b']) {
      expect(answers.map((takes) => takes(id))).toEqual([true, true, true]);
    }
    expect(await byDatabase(['*', 'team-*', '*a', '**', 'a*b'])).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(readByContract('*')?.error?.issues[0]?.message).toBe(identifierProblem('*'));
  });

  it('and contract and commands agree about every text, but for steps of a path', () => {
    fc.assert(
      fc.property(
        ids.filter((id) => id !== '.' && id !== '..'),
        (id) => {
          expect(byContract(id)).toBe(byCommands(id));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('and whatever they take, the policy and the database take too', async () => {
    const taken = fc.sample(ids, 5_000).filter(byCommands);
    expect(taken.length).toBeGreaterThan(100);
    expect(taken.filter((id) => !byPolicy(id))).toEqual([]);
    const answers = await byDatabase(taken);
    expect(taken.filter((_, place) => answers[place] !== true)).toEqual([]);
  });
});
