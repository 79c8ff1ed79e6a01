import type { Member } from '@rolecall/contract';
import type { Command } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import type { ApiClient } from '../client/index.ts';
import { printable } from '../output/index.ts';
import { findRoleId } from './find-role.ts';

/**
 * `rolecall roles assign` and `unassign`. The API sets a member's whole set; these read it, add or take
 * one role and set it again, so a change made by somebody else in between is lost.
 */
export function addAssignCommands(roles: Command, bind: Bind): void {
  roles
    .command('assign')
    .description('give a role to members, beside those they hold')
    .argument('<org>')
    .argument('<role>')
    .argument('<user...>', 'the ids of members')
    .action(
      bind((session, [org, role, users]: readonly [string, string, readonly string[]]) =>
        changeRoles(session, { org, role, users, done: 'given to' }, (held, id) => [
          ...new Set([...held, id]),
        ]),
      ),
    );
  roles
    .command('unassign')
    .description('take a role from members; the last one cannot be taken')
    .argument('<org>')
    .argument('<role>')
    .argument('<user...>', 'the ids of members')
    .action(
      bind((session, [org, role, users]: readonly [string, string, readonly string[]]) =>
        changeRoles(session, { org, role, users, done: 'taken from' }, (held, id) =>
          held.filter((other) => other !== id),
        ),
      ),
    );
}

async function changeRoles(
  session: Session,
  given: { org: string; role: string; users: readonly string[]; done: string },
  change: (held: readonly string[], id: string) => string[],
): Promise<undefined> {
  const api = await session.api();
  const roleId = await findRoleId(api, given.org, given.role);
  const members: Member[] = [];
  for (const user_id of given.users) {
    members.push(
      await changeMember(api, { org: given.org, user_id }, (held) => change(held, roleId)),
    );
  }
  const { output } = session;
  output.answer({ data: members }, () =>
    members
      .map((member) => {
        const who = printable(member.user_id ?? member.email ?? member.membership_id);
        return `${output.style.good('✓')} ${printable(given.role)} ${given.done} ${who}`;
      })
      .join('\n'),
  );
  return undefined;
}

async function changeMember(
  api: ApiClient,
  params: { org: string; user_id: string },
  change: (held: readonly string[]) => string[],
): Promise<Member> {
  const { endpoints } = await import('@rolecall/contract');
  const before = await api.call(endpoints.getMember, { params });
  const body = { role_ids: change(before.value.role_ids) };
  return (await api.call(endpoints.setMemberRoles, { params, body })).value;
}
