import type { Member } from '@rolecall/contract';
import { type Command, Option } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import type { Answer } from '../client/index.ts';
import { type Column, printable, renderFacts, renderTable, shortTime } from '../output/index.ts';
import { findRoleId, findRoleIds } from './find-role.ts';
import { collect } from './grant-options.ts';
import { heldGrantLine } from './grant-lines.ts';
import { addListOptions, footer, type ListOptions, readListing } from './paging.ts';
import { readRoleNames, type RoleNames } from './role-names.ts';

const columns = (names: RoleNames): readonly Column<Member>[] => [
  { title: 'USER', value: (member) => member.user_id ?? '-' },
  { title: 'NAME', value: (member) => member.name ?? '', shrinks: true },
  { title: 'E-MAIL', value: (member) => member.email ?? '', shrinks: true },
  { title: 'STATUS', value: (member) => member.status },
  { title: 'ROLES', value: (member) => roleText(member, names), shrinks: true },
];

/** `rolecall members …`: who belongs to an organization, and what they hold. */
export function addMembersCommand(program: Command, bind: Bind): void {
  const members = program
    .command('members')
    .helpCommand(false)
    .description('members and the roles they hold');
  addListOptions(
    members.command('list').description('list members in the order they joined').argument('<org>'),
  )
    .option('--role <role>', 'those who hold a role')
    .addOption(
      new Option('--status <status>', 'those in a state').choices([
        'pending',
        'active',
        'inactive',
      ]),
    )
    .action(bind(listMembers));
  members
    .command('get')
    .description('show a member')
    .argument('<org>')
    .argument('<user>', 'their id')
    .action(
      bind(async (session, [org, user_id]: readonly [string, string]) => {
        const { endpoints } = await import('@rolecall/contract');
        const api = await session.api();
        await show(session, org, await api.call(endpoints.getMember, { params: { org, user_id } }));
        return undefined;
      }),
    );
  addWriteCommands(members, bind);
  members
    .command('grants')
    .description('show what a member may do, by scope')
    .argument('<org>')
    .argument('<user>', 'their id')
    .action(bind(showGrants));
}

async function listMembers(
  session: Session,
  [org]: readonly [string],
  options: ListOptions & { role?: string; status?: Member['status'] },
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const filter = {
    ...(options.role !== undefined && { role_id: await findRoleId(api, org, options.role) }),
    ...(options.status !== undefined && { status: options.status }),
  };
  const { page, body } = await readListing(options, (query) =>
    api.call(endpoints.listMembers, { params: { org }, query: { ...query, ...filter } }),
  );
  const names = await readRoleNamesForPeople(session, org);
  output.answer(body, () => {
    if (page.data.length === 0) return 'no members';
    const table = renderTable(columns(names), page.data, output);
    return `${table}\n${footer(page, 'member', output.style)}`;
  });
  return undefined;
}

function addWriteCommands(members: Command, bind: Bind): void {
  members
    .command('add')
    .description('add a member; without --role they get `member`')
    .argument('<org>')
    .argument('<email>')
    .option('--id <id>', 'your id for the user; made by Rolecall when absent')
    .option('--name <name>')
    .option('--role <role>', 'a role they hold', collect)
    .action(
      bind(
        async (
          session,
          [org, email]: readonly [string, string],
          { id, name, role }: { id?: string; name?: string; role?: readonly string[] },
        ) => {
          const { endpoints } = await import('@rolecall/contract');
          const api = await session.api();
          const role_ids = role === undefined ? undefined : await findRoleIds(api, org, role);
          const body = { email, id, name, role_ids };
          const answer = await api.call(endpoints.addMember, { params: { org }, body });
          await show(session, org, answer, 'added');
          return undefined;
        },
      ),
    );
  members
    .command('remove')
    .description('remove a member, with their assignments and direct grants')
    .argument('<org>')
    .argument('<user>', 'their id')
    .action(
      bind(async (session, [org, user_id]: readonly [string, string]) => {
        const { endpoints } = await import('@rolecall/contract');
        const api = await session.api();
        await api.call(endpoints.removeMember, { params: { org, user_id } });
        const { output } = session;
        output.answer(
          { removed: true, user_id },
          () => `${output.style.good('✓')} ${printable(user_id)} removed`,
        );
        return undefined;
      }),
    );
  members
    .command('set-roles')
    .description('set all the roles of a member')
    .argument('<org>')
    .argument('<user>', 'their id')
    .argument('<role...>', 'each by id, slug or name')
    .action(
      bind(async (session, [org, user_id, roles]: readonly [string, string, readonly string[]]) => {
        const { endpoints } = await import('@rolecall/contract');
        const api = await session.api();
        const body = { role_ids: await findRoleIds(api, org, roles) };
        const answer = await api.call(endpoints.setMemberRoles, { params: { org, user_id }, body });
        await show(session, org, answer, 'changed');
        return undefined;
      }),
    );
}

async function showGrants(
  session: Session,
  [org, user_id]: readonly [string, string],
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const answer = await api.call(endpoints.listEffectiveGrants, { params: { org, user_id } });
  const names = await readRoleNamesForPeople(session, org);
  output.answer(answer.body, () => {
    const { style } = output;
    if (answer.value.data.length === 0) return style.dim('no grants');
    return answer.value.data
      .map(({ scope, allow, deny }) => {
        const lines = [...deny, ...allow].map(
          (grant) => `  ${heldGrantLine(grant, output, names.inText(grant.principal))}`,
        );
        return [style.accent(printable(scope)), ...lines].join('\n');
      })
      .join('\n');
  });
  return undefined;
}

async function show(
  session: Session,
  org: string,
  { value: member, body }: Answer<Member>,
  done?: string,
): Promise<void> {
  const { output } = session;
  const names = await readRoleNamesForPeople(session, org);
  output.answer(body, () => {
    const { style } = output;
    const facts = renderFacts(
      [
        ['user', style.bold(printable(member.user_id ?? 'not known yet'))],
        ['name', printable(member.name ?? '')],
        ['e-mail', printable(member.email ?? '')],
        ['status', member.status],
        ['roles', printable(roleText(member, names))],
        ['joined', `${shortTime(member.joined_at)} UTC`],
      ],
      style,
    );
    return `${done === undefined ? '' : `${style.good('✓')} member ${done}\n`}${facts}`;
  });
}

/** Names are for people; a program that asks for JSON is given ids, and is not made to wait. */
async function readRoleNamesForPeople(session: Session, org: string): Promise<RoleNames> {
  if (!session.output.json) return readRoleNames(session, org);
  return { ofId: (id) => id, inText: (text) => text };
}

function roleText(member: Member, names: RoleNames): string {
  return member.role_ids.map((id) => names.ofId(id)).join(', ');
}
