import { readFile } from 'node:fs/promises';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, expect, it } from 'vitest';
import { listSchema, query } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

it('is the same as the committed schema.sql (else run `npm run schema`)', async () => {
  const committed = await readFile(new URL('./schema.sql', import.meta.url), 'utf8');
  expect((await listSchema(test.db)).split('\n')).toEqual(committed.split('\n'));
});

it.each([
  ['a column', 'ALTER TABLE rolecall.users ADD COLUMN nickname text', 'nickname text'],
  [
    'a default',
    'ALTER TABLE rolecall.users ALTER COLUMN email SET DEFAULT lower(chr(65))',
    'email text DEFAULT lower(chr(65))',
  ],
  ['NOT NULL', 'ALTER TABLE rolecall.users ALTER COLUMN email SET NOT NULL', 'email text NOT NULL'],
  [
    'a constraint',
    'ALTER TABLE rolecall.users ADD CONSTRAINT c CHECK (id <> name)',
    'CONSTRAINT c ',
  ],
  ['an index', 'CREATE INDEX i ON rolecall.users (name)', 'CREATE INDEX i ON rolecall.users'],
  [
    'a trigger',
    `CREATE TRIGGER t BEFORE DELETE ON rolecall.users EXECUTE FUNCTION rolecall.refuse_change()`,
    'CREATE TRIGGER t BEFORE DELETE',
  ],
  ['a view', 'CREATE VIEW rolecall.v AS SELECT 1 AS one', 'CREATE VIEW rolecall.v AS'],
  [
    'a storage option',
    'ALTER TABLE rolecall.users SET (fillfactor = 70)',
    ') WITH (fillfactor=70);',
  ],
])('shows %s', async (_, change, shown) => {
  const changed = await createTestDatabase();
  try {
    await query(changed.db, { text: change });
    expect((await listSchema(changed.db)).includes(shown)).toBe(true);
  } finally {
    await changed.close();
  }
});
