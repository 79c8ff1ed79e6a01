import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGrants } from './grant-options.ts';

describe('readGrants', () => {
  it('is nothing when no grant is named', async () => {
    expect(await readGrants({})).toBeUndefined();
  });

  it('reads a scope alone as everywhere', async () => {
    expect(await readGrants({ grant: ['project:read'] })).toEqual([
      { scope: 'project:read', effect: 'allow' },
    ]);
  });

  it('reads everything after the first @ as the id', async () => {
    expect(await readGrants({ deny: ['project:write@ann@example.com'] })).toEqual([
      {
        scope: 'project:write',
        effect: 'deny',
        selectors: [{ resource_kind: 'project', resource_id: 'ann@example.com' }],
      },
    ]);
  });

  it('reads a file in the form of the API', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'grants-'));
    const file = join(folder, 'grants.json');
    await writeFile(file, '[{"scope":"mcp:connect"}]');
    expect(await readGrants({ grants: file })).toEqual([{ scope: 'mcp:connect' }]);
    await writeFile(file, '{"scope":"mcp:connect"}');
    await expect(readGrants({ grants: file })).rejects.toMatchObject({ code: 'unreadable_file' });
    await rm(folder, { recursive: true });
  });
});
