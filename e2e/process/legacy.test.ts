import { buildMember, buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, launch, type Place, until } from './rolecall-process.ts';
import { runHere } from './run-here.ts';

const ROWS = 4_000;

const test = await createTestDatabase();
let place: Place;

beforeAll(async () => {
  place = await createPlace({ DATABASE_URL: test.url });
  const organization = await buildOrganization(test.db, { id: 'acme' });
  const role = await buildRole(test.db, organization.id, { name: 'Reader', slug: 'org-reader' });
  await buildMember(test.db, organization.id, { userId: 'ann', roleIds: [role.id] });
  await test.database.pool.query(`
    CREATE TABLE public.principal_grants (
      organization_id text NOT NULL, principal_urn text NOT NULL, scope text NOT NULL,
      effect text NOT NULL, selectors jsonb NOT NULL);
    INSERT INTO public.principal_grants
      SELECT 'acme', 'role:org-reader', 'project:read', 'allow',
             jsonb_build_object('resource_kind', 'project', 'resource_id', 'p' || n)
        FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO public.principal_grants VALUES
      ('acme', 'role:nobody', 'project:read', 'allow', '{"resource_kind": "project", "resource_id": "*"}'),
      ('elsewhere', 'role:member', 'project:read', 'allow', '{"resource_kind": "project", "resource_id": "*"}')`);
}, 60_000);
afterAll(async () => {
  await place.remove();
  await test.close();
});

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await runHere(place, ['legacy', ...args, '--json']);
  const answer: unknown = JSON.parse(out === '' ? err : out);
  return { ...(answer as Record<string, unknown>), code };
}

/** Asked of the database, because the command takes as long to start as a good part of the backfill does. */
async function hasBroughtOver(): Promise<boolean> {
  const text = 'SELECT FROM rolecall.legacy_grants WHERE brought_over LIMIT 1';
  return (await test.database.pool.query(text)).rowCount === 1;
}

it(
  'goes the whole road, with a backfill that is killed on the way and begun again',
  { timeout: 240_000 },
  async () => {
    const imported = await json('import', '--from', test.url, '--table', 'public.principal_grants');
    expect(imported).toMatchObject({
      code: 0,
      rows: ROWS + 2,
      grants_by_slug: ROWS + 1,
      unknown_organizations: ['elsewhere'],
    });
    expect(await json('backfill')).toMatchObject({ applied: false, grants: ROWS });

    const backfill = launch(place, ['legacy', 'backfill', '--apply', '--batch-size', '20']);
    await until(() => backfill.written().err.includes('Bringing over'));
    await until(hasBroughtOver);
    backfill.child.kill('SIGKILL');
    await backfill.finished;
    const cut = await json('status');
    expect(cut).toMatchObject({ state: 'dual', unmapped: 1 });
    expect(cut['left']).toBeGreaterThan(0);
    expect(Number(cut['left']) + Number(cut['brought_over'])).toBe(ROWS);
    expect(await json('verify')).toMatchObject({ code: 1, same: false, differing_members: 1 });
    expect(await json('cut-over')).toMatchObject({ code: 1 });

    expect(await json('backfill', '--apply')).toMatchObject({ code: 0, grants: cut['left'] });
    expect(await json('verify')).toMatchObject({ code: 0, same: true, roles: 1, members: 1 });
    expect(await json('cut-over')).toMatchObject({ code: 1 });
    expect(await json('settle', 'acme', 'nobody', '--delete')).toMatchObject({ grants: 1 });
    expect(await json('cut-over')).toMatchObject({ code: 0, state: 'cut_over', left: 0 });
    expect(await json('import', '--from', test.url)).toMatchObject({ code: 1 });
    expect(await json('roll-back')).toMatchObject({ code: 0, state: 'dual', brought_over: ROWS });
    expect(await json('cut-over')).toMatchObject({ code: 0, state: 'cut_over' });
    expect(await json('purge')).toMatchObject({ code: 2 });
    expect(await json('purge', '--yes')).toMatchObject({ code: 0, deleted: ROWS });
    expect(await json('status')).toMatchObject({ state: 'purged', left: 0, brought_over: 0 });
  },
);
