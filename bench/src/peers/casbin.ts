import { newCachedEnforcer, newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { type Ask, type MatrixWork, type Peer, type ProjectWork } from './peer.ts';

// The cheap comparisons come first, as the documentation advises.
const MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && g(r.sub, p.sub)
`;

/** A member with one role; the enforcer is asked synchronously, which is faster. */
export async function casbin({ granted, asked }: ProjectWork): Promise<Peer> {
  const enforcer = await newEnforcer(
    newModelFromString(MODEL),
    new StringAdapter(linesOf(new Map([['r', granted]]), new Map([['alice', ['r']]]))),
  );
  return {
    name: 'node-casbin',
    ways: { enforceSync: (nth) => enforcer.enforceSync('alice', asked[nth], 'read') },
  };
}

/** Answers that were given once are given again until all of them are thrown away by hand. */
export async function casbinCached({ granted, asked }: ProjectWork): Promise<Ask> {
  const enforcer = await newCachedEnforcer(
    newModelFromString(MODEL),
    new StringAdapter(linesOf(new Map([['r', granted]]), new Map([['alice', ['r']]]))),
  );
  for (const id of new Set(asked)) await enforcer.enforce('alice', id, 'read');
  return (nth) => enforcer.enforce('alice', asked[nth], 'read');
}

/** One enforcer with all roles of the organization. */
export async function casbinMatrix({ roles, members, asked }: MatrixWork): Promise<Ask> {
  const enforcer = await newEnforcer(
    newModelFromString(MODEL),
    new StringAdapter(linesOf(roles, members)),
  );
  return (nth) => {
    const question = asked[nth];
    return enforcer.enforceSync(question?.member, question?.project, 'read');
  };
}

/** Whether projects may be read at all. */
export async function casbinTypes(): Promise<Ask> {
  const enforcer = await newEnforcer(
    newModelFromString(MODEL),
    new StringAdapter(linesOf(new Map([['r', ['project']]]), new Map([['alice', ['r']]]))),
  );
  return () => enforcer.enforceSync('alice', 'project', 'read');
}

function linesOf(
  roles: ReadonlyMap<string, readonly string[]>,
  members: ReadonlyMap<string, readonly string[]>,
): string {
  const policies = [...roles].flatMap(([role, ids]) => ids.map((id) => `p, ${role}, ${id}, read`));
  const held = [...members].flatMap(([member, names]) =>
    names.map((role) => `g, ${member}, ${role}`),
  );
  return [...policies, ...held].join('\n');
}
