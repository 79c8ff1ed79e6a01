import { describe, expect, it } from 'vitest';
import { adminChangeOf, strandsOrganization } from './last-admin.ts';
import { type MemberRecord } from './members-store.ts';

const record = (userId: string, roleIds: readonly string[], usable = true): MemberRecord => ({
  userId,
  membershipId: `m-${userId}`,
  email: null,
  name: null,
  photoUrl: null,
  status: usable ? 'active' : 'inactive',
  joinedAt: '2026-01-01T00:00:00.000Z',
  roleIds,
  directoryManaged: false,
  usable,
});

describe('the last admin', () => {
  it('is lost when nobody else is left and nobody new can use the role', () => {
    const change = adminChangeOf(
      [
        { member: record('a', ['admin']), after: ['member'] },
        { member: record('b', ['member'], false), after: ['admin'] },
      ],
      'admin',
    );
    expect(change.losing.map(({ member }) => member.userId)).toEqual(['a']);
    expect(change.gaining).toEqual([]);
    expect(strandsOrganization({ before: true, after: false }, change)).toBe(true);
  });

  it('may be replaced in one change', () => {
    const change = adminChangeOf(
      [
        { member: record('a', ['admin']), after: ['member'] },
        { member: record('b', ['member']), after: ['admin'] },
      ],
      'admin',
    );
    expect(strandsOrganization({ before: true, after: false }, change)).toBe(false);
  });

  it('is no matter where there was none before', () => {
    const change = adminChangeOf(
      [{ member: record('a', ['admin'], false), after: ['x'] }],
      'admin',
    );
    expect(strandsOrganization({ before: false, after: false }, change)).toBe(false);
  });

  it('is no matter where the admin keeps the role, or there is no such role', () => {
    const kept = { member: record('a', ['admin', 'x']), after: ['admin'] };
    expect(adminChangeOf([kept], 'admin')).toEqual({ losing: [], gaining: [] });
    expect(adminChangeOf([{ member: record('a', ['admin']), after: ['x'] }], null)).toEqual({
      losing: [],
      gaining: [],
    });
  });
});
