import { Ability, type AbilityTuple, createMongoAbility, subject } from '@casl/ability';
import { type Ask, type MatrixWork, type Peer, type ProjectWork } from './peer.ts';

/** One ability, made once; the resources asked about are made before, too. */
export function casl({ granted, asked }: ProjectWork): Peer {
  const projects = asked.map((id) => subject('Project', { id }));
  const oneRule = createMongoAbility([
    { action: 'read', subject: 'Project', conditions: { id: { $in: [...granted] } } },
  ]);
  const manyRules = createMongoAbility(
    granted.map((id) => ({ action: 'read', subject: 'Project', conditions: { id } })),
  );
  return {
    name: 'CASL',
    ways: {
      'one rule with `$in`': (nth) => oneRule.can('read', projects[nth] ?? 'Project'),
      'a rule per project': (nth) => manyRules.can('read', projects[nth] ?? 'Project'),
    },
  };
}

/** A condition that is a function: the host keeps a set of its own, and CASL calls it. */
export function caslWithSet({ granted, asked }: ProjectWork): Ask {
  const set = new Set(granted);
  const projects = asked.map((id) => subject('Project', { id }));
  type Condition = (project: Readonly<Record<string, unknown>>) => boolean;
  const ability = new Ability<AbilityTuple, Condition>(
    [{ action: 'read', subject: 'Project', conditions: ({ id }) => set.has(id as string) }],
    { conditionsMatcher: (condition) => condition },
  );
  return (nth) => ability.can('read', projects[nth] ?? 'Project');
}

/** An ability per member, with a rule per role. */
export function caslMatrix({ roles, members, asked }: MatrixWork): Ask {
  const abilities = new Map(
    [...members].map(([member, held]) => [
      member,
      createMongoAbility(
        held.map((role) => ({
          action: 'read',
          subject: 'Project',
          conditions: { id: { $in: [...(roles.get(role) ?? [])] } },
        })),
      ),
    ]),
  );
  const questions = asked.map(({ member, project }) => ({
    ability: abilities.get(member),
    project: subject('Project', { id: project }),
  }));
  return (nth) => {
    const question = questions[nth];
    return question?.ability?.can('read', question.project) ?? false;
  };
}

/** Whether projects may be read at all. */
export function caslTypes(): Ask {
  const ability = createMongoAbility([{ action: 'read', subject: 'Project' }]);
  return () => ability.can('read', 'Project');
}
