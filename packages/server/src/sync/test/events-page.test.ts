import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { eventSubject, syncedEventTypes } from '../../workos/index.ts';

/** What a subject is called on the page. */
const words: Readonly<Record<string, string>> = {
  organization: 'the organization',
  membership: 'the membership',
  organization_role: 'the role of the organization',
  environment_role: 'the role of the environment',
  user: 'the person',
};

it('docs/workos-events.md has one row for each event that is asked for, and says what it marks', async () => {
  const page = new URL('../../../../../docs/workos-events.md', import.meta.url);
  const rows = (await readFile(page, 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const data = { id: 'x', organization_id: 'o', user_id: 'u', slug: 's', status: 'active' };
  const expected = syncedEventTypes.map((type) => {
    const subject = eventSubject({ id: 'event_1', type, createdAt: '2026-01-01T00:00:00Z', data });
    return [`\`${type}\``, words[subject.kind]];
  });
  expect(rows.map(([, type, marks]) => [type, marks])).toEqual(expected);
  for (const [, , , decides, does] of rows) {
    expect(decides).not.toBe('');
    expect(does).not.toBe('');
  }
});
