import { describe, expect, it } from 'vitest';
import {
  builtinPolicy,
  compileGrants,
  decide,
  definePolicy,
  explain,
  filterIds,
  joinGrants,
  PolicyError,
  reach,
  settle,
  standingAnswer,
  validateCheck,
  validateGrants,
  type Check,
  type CompiledGrants,
  type Decision,
  type HeldGrant,
  type Policy,
  type Standing,
} from '../src/index.ts';
import { canonicalGrants } from './canonical.ts';
import { reference } from './reference.ts';
import {
  readCorpus,
  type ExpectedAnswer,
  type ExpectedError,
  type SituationFile,
} from './situation.ts';

const ACTIVE: Standing = { membership: 'active', enforcement: 'enforced' };

interface Asked {
  readonly policy: Policy;
  readonly organization: string | undefined;
  readonly standing: Standing;
  readonly grants: readonly HeldGrant[];
  readonly check: Check;
}

/** The paths that answer with reasons. */
const DECIDING: Record<string, (asked: Asked) => Decision> = {
  decide: ({ policy, standing, grants, check, organization }) =>
    decide(policy, standing, grants, check, organization),
  'compiled.decide': (asked) => settle(asked.standing, compiled(asked).decide(asked.check)),
  'joined.decide': (asked) => settle(asked.standing, joined(asked).decide(asked.check)),
  explain: ({ policy, standing, grants, check, organization }) =>
    explain(policy, standing, grants, check, organization).decision,
};

/** The paths that answer yes or no. */
const BOOLEAN: Record<string, (asked: Asked) => boolean> = {
  'compiled.can': (asked) => {
    const { scope, resource_id, dimensions } = asked.check;
    const answer = compiled(asked).can(scope, resource_id, dimensions);
    return standingAnswer(asked.standing) ?? answer;
  },
  'joined.can': (asked) => {
    const { scope, resource_id, dimensions } = asked.check;
    const answer = joined(asked).can(scope, resource_id, dimensions);
    return standingAnswer(asked.standing) ?? answer;
  },
  filterIds: (asked) => {
    const { scope, resource_id, dimensions } = asked.check;
    const ids = filterIds(joined(asked), scope, [resource_id, resource_id], dimensions);
    return standingAnswer(asked.standing) ?? ids.length === 2;
  },
};

function compiled({ policy, grants, organization }: Asked): CompiledGrants {
  return compileGrants(policy, grants, organization);
}

/** One part per principal, as they are kept in memory. */
function joined({ policy, grants, organization }: Asked): CompiledGrants {
  const principals = [...new Set(grants.map(({ principal }) => principal))];
  const parts = principals.map((principal) =>
    compileGrants(
      policy,
      grants.filter((grant) => grant.principal === principal),
    ),
  );
  return joinGrants(policy, parts, organization);
}

describe('the corpus', () => {
  const corpus = readCorpus();

  it('has at least sixty situations, each told differently', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    expect(new Set(corpus.map(([, { situation }]) => situation)).size).toBe(corpus.length);
  });

  describe.each(corpus)('%s', (_name, file) => {
    const policy = file.policy === undefined ? builtinPolicy : definePolicy(file.policy);
    const { organization, standing = ACTIVE } = file;
    const { refused, rows } = file;

    if (refused !== undefined) {
      it('is refused', () => {
        expectError(() => storedRows(policy, file), refused);
      });
      return;
    }
    if (rows !== undefined) {
      it('is stored as these rows', () => {
        expect(
          validateGrants(policy, file.payload ?? [], { organizationId: organization }),
        ).toEqual(rows);
      });
    }
    const grants = storedRows(policy, file);
    for (const { expect: expected, ...check } of file.checks ??
      expect.fail('a situation has checks')) {
      const asked: Asked = { policy, organization, standing, grants, check };
      if ('code' in expected) itRefuses(asked, expected);
      else itAnswers(asked, expected);
    }
  });
});

function storedRows(policy: Policy, file: SituationFile): readonly HeldGrant[] {
  if (file.payload === undefined) return file.grants ?? expect.fail('a situation has grants');
  return validateGrants(policy, file.payload, { organizationId: file.organization }).map((row) => ({
    principal: 'user:alice',
    ...row,
  }));
}

function itAnswers(asked: Asked, expected: ExpectedAnswer): void {
  const title = `${expected.allowed ? 'allows' : 'denies'} ${titleOf(asked.check)}`;
  const { policy, organization, standing, grants, check } = asked;
  const named = (positions: readonly number[] = []): readonly string[] =>
    canonicalGrants(positions.map((position) => grants[position] ?? expect.fail('no such grant')));
  const wanted = {
    allowed: expected.allowed,
    reason: expected.reason,
    matched: named(expected.matched),
    denied_by: named(expected.denied_by),
    undetermined: named(expected.undetermined),
    enforced: expected.enforced,
  };

  it.each(Object.entries(DECIDING))(`${title} through %s`, (_path, decideBy) => {
    expect(comparable(decideBy(asked))).toEqual(wanted);
  });
  it.each(Object.entries(BOOLEAN))(`${title} through %s`, (_path, answer) => {
    expect(answer(asked)).toBe(expected.allowed);
  });
  it(`${title} through reach`, () => {
    const reached = reach(joined(asked), check.scope, check.dimensions);
    const id = check.resource_id;
    const inReach = reached.everything ? !reached.except.has(id) : reached.ids.has(id);
    expect(standingAnswer(standing) ?? inReach).toBe(expected.allowed);
  });
  it(`${title} through the reference`, () => {
    validateCheck(policy, check, organization);
    expect(comparable(settle(standing, reference(policy, grants, check)))).toEqual(wanted);
  });
}

function comparable(decision: Decision): unknown {
  const { allowed, reason, matched, denied_by, undetermined, enforced } = decision;
  return {
    allowed,
    reason,
    matched: canonicalGrants(matched),
    denied_by: canonicalGrants(denied_by),
    undetermined: canonicalGrants(undetermined),
    enforced,
  };
}

function itRefuses(asked: Asked, expected: ExpectedError): void {
  const title = `refuses ${titleOf(asked.check)}`;
  it.each(Object.entries({ ...DECIDING, ...BOOLEAN }))(`${title} through %s`, (_path, answer) => {
    expectError(() => answer(asked), expected);
  });
}

function expectError(act: () => unknown, { code, problem, path }: ExpectedError): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(PolicyError);
  expect(thrown).toMatchObject({ code, details: { problem, path } });
}

function titleOf({ scope, resource_id, dimensions }: Check): string {
  return `\`${scope}\` on \`${resource_id}\` ${JSON.stringify(dimensions ?? {})}`;
}
