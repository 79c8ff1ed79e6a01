import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPlace,
  type Finished,
  type Place,
  repository,
  rolecall,
  type RunningRolecall,
  startRolecall,
} from './rolecall-process.ts';
import { runHere } from './run-here.ts';

const key = 'rk_a_key_for_this_test_alone_0002';
const sample = join(repository, 'examples/data/hc.json.gz');
let place: Place;
let running: RunningRolecall;

beforeAll(async () => {
  place = await createPlace({ LOG_LEVEL: 'warn', ROLECALL_API_KEY: key });
  running = await startRolecall(place);
  await run('import', sample);
});
afterAll(async () => {
  await running.end('SIGTERM');
  await place.remove();
});

/** Runs a command in a process of its own, as a shell does. */
const run = (...args: readonly string[]): Promise<Finished> => rolecall(place, args);
/** Runs a command in this process. */
const here = (...args: readonly string[]): Promise<Finished> => runHere(place, args);

/** Runs a command with --json, in this process; stdout is one document and stderr is empty. */
async function json(...args: readonly string[]): Promise<{ code: number | null; value: unknown }> {
  const { code, out, err } = await here(...args, '--json');
  expect({ args, err }).toEqual({ args, err: '' });
  return { code, value: JSON.parse(out) };
}

describe('rolecall check', () => {
  it('ends with 0 for yes, 10 for no, and 1 for a question that is none', async () => {
    const [yes, no, invalid] = await Promise.all([
      run('check', 'hc', 'user:hc-u1', 'project:read', 'p2'),
      run('check', 'hc', 'user:hc-u1', 'project:read', 'p33'),
      run('check', 'hc', 'user:hc-u1', 'project:reed', 'p2'),
    ]);
    expect([yes.code, no.code, invalid.code]).toEqual([0, 10, 1]);
    expect(yes.out).toBe('allowed  grant_matched\n');
    expect(no.out).toBe('denied  scope_unsatisfied\n');
    expect(invalid.err).toContain('project:reed');
  });

  it('says why in words', async () => {
    const { code, out } = await here('explain', 'hc', 'user:hc-u1', 'project:read', 'p2');
    expect(code).toBe(0);
    expect(out).toMatch(/^allowed/);
    expect(out).toContain('allows `project:read` on `p2`');
  });
});

describe('rolecall import', () => {
  it('is safe to repeat', async () => {
    const { code, value } = await json('import', sample);
    expect({ code, value }).toMatchObject({
      code: 0,
      value: { roles_created: 0, members_created: 0, assignments_created: 0 },
    });
  });

  it('reports every problem with its place, and keeps nothing', async () => {
    const file = join(place.directory, 'broken.json');
    const document = {
      organization: { id: 'broken' },
      roles: [{ key: 'a', name: 'A', grants: [{ scope: 'project:fly' }] }],
      members: [
        { id: 'm1', email: 'm1@broken.example', roles: ['a'] },
        { id: 'm2', email: 'm2@broken.example', roles: ['b'] },
      ],
    };
    await writeFile(file, JSON.stringify(document));
    const { code, err } = await here('import', file);
    expect(code).toBe(1);
    expect(err).toContain('roles[0].grants[0].scope');
    expect(err).toContain('members[1].roles[0]');
    const { value } = await json('members', 'list', 'broken');
    expect(value).toMatchObject({ data: [], total: 0 });
  });

  it('refuses an organization that does not exist when it may not create one', async () => {
    const { code, value } = await json(
      'import',
      sample,
      '--organization',
      'nowhere',
      '--no-create',
    );
    expect({ code, value }).toMatchObject({
      code: 1,
      value: { error: { code: 'organization_not_found' } },
    });
  });
});

describe('every command', () => {
  it('answers with one JSON document when it is asked to', async () => {
    const created = await json('org', 'create', 'Ärger & Söhne 王', '--id', 'acme');
    expect(created).toMatchObject({ code: 0, value: { id: 'acme', enforcement: 'enforced' } });
    const member = await json(
      ...['members', 'add', 'acme', 'ann@acme.example'],
      ...['--id', 'ann', '--name', '王小明', '--role', 'admin'],
    );
    expect(member).toMatchObject({ code: 0, value: { user_id: 'ann' } });
    const role = await json(
      ...['roles', 'create', 'acme', 'Support', '--grant', 'project:read@web'],
      ...['--deny', 'project:write', '--member', 'ann'],
    );
    expect(role).toMatchObject({ code: 0, value: { name: 'Support', member_count: 1 } });

    const commands: readonly (readonly string[])[] = [
      ['org', 'list', '--search', 'Söhne'],
      ['org', 'get', 'acme'],
      ['org', 'update', 'acme', '--name', 'Acme'],
      ['org', 'enforcement', 'acme'],
      ['org', 'enforcement', 'acme', 'shadow'],
      ['roles', 'list', 'acme'],
      ['roles', 'get', 'acme', 'Support'],
      ['roles', 'update', 'acme', 'org-support', '--description', 'Helps'],
      ['members', 'list', 'acme', '--search', '王小', '--role', 'admin'],
      ['members', 'get', 'acme', 'ann'],
      ['members', 'grants', 'acme', 'ann'],
      ['members', 'set-roles', 'acme', 'ann', 'admin', 'member'],
      ['roles', 'assign', 'acme', 'Support', 'ann'],
      ['roles', 'unassign', 'acme', 'Support', 'ann'],
      ['roles', 'delete', 'acme', 'Support'],
      ['members', 'list', 'hc', '--all'],
      ['keys', 'list'],
      ['keys', 'create', 'reader', '--scope', 'check', '--organization', 'acme'],
      ['keys', 'create', 'rescue', '--direct'],
      ['check', 'acme', 'user:ann', 'org:admin', 'acme'],
      ['explain', 'acme', 'user:ann', 'org:admin', 'acme'],
      ['migrate', '--status'],
      ['migrate'],
      ['sync', 'backfill', '--apply'],
      ['doctor'],
    ];
    for (const command of commands) {
      expect({ command, ...(await json(...command)) }).toMatchObject({ command, code: 0 });
    }
  });

  it('answers a person in at most 100 columns', async () => {
    for (const command of [
      ['org', 'list'],
      ['roles', 'list', 'hc'],
      ['members', 'list', 'hc'],
      ['keys', 'list'],
    ]) {
      const { code, out } = await here(...command);
      expect({ command, code }).toEqual({ command, code: 0 });
      const lines = out.split('\n').filter((line) => !line.startsWith('next page'));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    }
  });

  it('is refused with its own exit code when the key is not known', async () => {
    const { code, err } = await here('org', 'list', '--key', 'rk_unknown');
    expect(code).toBe(6);
    expect(err).toContain('keys create');
  });
});

describe('rolecall doctor', () => {
  it('finds nothing wrong', async () => {
    const { code, value } = await json('doctor');
    expect(code).toBe(0);
    const { findings } = value as { findings: readonly { name: string; status: string }[] };
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['database', 'migrations', 'grants', 'counters', 'search', 'keys']),
    );
  });
});

describe('a key that was lost', () => {
  it('is replaced through the database itself', async () => {
    const { value } = await json('keys', 'create', 'found', '--direct');
    const { key: found, id } = value as { key: string; id: string };
    expect((await here('org', 'list', '--key', found)).code).toBe(0);
    expect((await here('keys', 'revoke', id)).code).toBe(0);
    expect((await here('org', 'list', '--key', found)).code).toBe(6);
  });
});
