import { describe, expect, it } from 'vitest';
import { describeChange } from './index.ts';

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `u${n}`);

describe('a change record', () => {
  it('names roles, users and API keys, and nothing where no answer changed', () => {
    expect(describeChange({ roles: ['r'], users: ['u'], apiKeys: ['k'] })).toBe(
      '{"roles":["r"],"users":["u"],"api_keys":["k"]}',
    );
    expect(describeChange({ roles: [] })).toBe('{}');
  });

  it('says that all may have changed when there are too many to name', () => {
    expect(describeChange({ organization: true, roles: ['r'] })).toBe('{"organization":true}');
    expect(describeChange({ users: names(1_000) })).not.toContain('organization');
    expect(describeChange({ users: names(1_000), roles: ['r'] })).toBe('{"organization":true}');
  });
});
