import { endpoints, type OperationId } from '@rolecall/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { openIsolation, operations } from './isolation.ts';
import { withinOwn } from './probes.ts';
import { tapStatements } from './statements.ts';

/*
 * In a database of its own, where there are few organizations: a statement that has lost its condition reads, and
 * changes, those of all tests.
 */
const statements = tapStatements();
const { tenantsFor, send, leaksOf, close } = await openIsolation();
afterAll(close);

describe('the probes notice when the organization is taken out of a condition', () => {
  const condition = /(?:\b\w+\.)?organization_id = \$(\d+)|\bo\.id = \$(\d+)/g;
  const withoutCondition = (text: string): string =>
    text.replaceAll(condition, (_whole, one?: string, two?: string) => {
      return `($${one ?? two ?? ''}::text IS NOT NULL)`;
    });

  const inOrganization = operations.filter((id) => endpoints[id].path.includes('{org}'));
  // Those have no condition to lose: the lock takes the organization's id as its argument.
  const unconditional: readonly OperationId[] = ['updateOrganization'];

  it.each(inOrganization.filter((id) => !unconditional.includes(id)))('%s', async (id) => {
    const { own, other, keys } = await tenantsFor(id);
    const [, sent] = await statements.record(async () => {
      for (const probe of withinOwn[id](own, other, 'r')) await send(id, probe, keys.manage);
    });
    const texts = [...new Set(sent.map(({ text }) => text))];
    const noticed = [];
    for (const text of texts.filter((candidate) => withoutCondition(candidate) !== candidate)) {
      const fresh = await tenantsFor(id);
      const leaks = await statements.alter(
        (candidate) => (candidate === text ? withoutCondition(text) : candidate),
        () => leaksOf(id, withinOwn[id], fresh, fresh.keys.manage),
      );
      noticed.push(...leaks);
      if (noticed.length > 0) break;
    }
    expect(noticed).not.toEqual([]);
  });
});
