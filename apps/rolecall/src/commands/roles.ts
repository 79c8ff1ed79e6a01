import type { Role } from '@rolecall/contract';
import { type Command, Option } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import type { Answer } from '../client/index.ts';
import {
  type Column,
  count,
  printable,
  renderFacts,
  renderTable,
  shortTime,
} from '../output/index.ts';
import { findRoleId } from './find-role.ts';
import { grantLines } from './grant-lines.ts';
import { addGrantOptions, collect, type GrantOptions, readGrants } from './grant-options.ts';
import { addListOptions, footer, type ListOptions, readListing } from './paging.ts';
import { addAssignCommands } from './roles-assign.ts';

const columns: readonly Column<Role>[] = [
  { title: 'ID', value: (role) => role.id },
  { title: 'NAME', value: (role) => role.name, shrinks: true },
  { title: 'SLUG', value: (role) => role.slug, shrinks: true },
  { title: 'MEMBERS', value: (role) => role.member_count.toLocaleString('en-US'), align: 'right' },
  { title: 'GRANTS', value: (role) => rowCount(role).toLocaleString('en-US'), align: 'right' },
  { title: 'VERSION', value: (role) => String(role.version), align: 'right' },
];

interface WriteOptions extends GrantOptions {
  readonly name?: string;
  readonly description?: string;
  readonly member?: readonly string[];
  readonly ifMatch?: number;
}

/** `rolecall roles …`: what an organization's members may do, under a name. */
export function addRolesCommand(program: Command, bind: Bind): void {
  const roles = program
    .command('roles')
    .helpCommand(false)
    .description('roles and who holds them; a role is named by id, slug or name');
  addListOptions(roles.command('list').description('list roles, oldest first').argument('<org>'))
    .addOption(new Option('--kind <kind>', 'of one kind').choices(['global', 'organization']))
    .action(
      bind(
        async (
          session,
          [org]: readonly [string],
          options: ListOptions & { kind?: Role['kind'] },
        ) => {
          const { endpoints } = await import('@rolecall/contract');
          const api = await session.api();
          const { page, body } = await readListing(options, (query) =>
            api.call(endpoints.listRoles, {
              params: { org },
              query: { ...query, kind: options.kind },
            }),
          );
          session.output.answer(body, () => {
            const { output } = session;
            if (page.data.length === 0) return 'no roles';
            return `${renderTable(columns, page.data, output)}\n${footer(page, 'role', output.style)}`;
          });
          return undefined;
        },
      ),
    );
  roles
    .command('get')
    .description('show a role and its grants')
    .argument('<org>')
    .argument('<role>')
    .action(
      bind(async (session, [org, role]: readonly [string, string]) => {
        const { endpoints } = await import('@rolecall/contract');
        const api = await session.api();
        const role_id = await findRoleId(api, org, role);
        show(session, await api.call(endpoints.getRole, { params: { org, role_id } }));
        return undefined;
      }),
    );
  addWriteCommands(roles, bind);
  addAssignCommands(roles, bind);
}

function addWriteCommands(roles: Command, bind: Bind): void {
  const create = roles
    .command('create')
    .description('create a role')
    .argument('<org>')
    .argument('<name>');
  addWriteOptions(create).action(
    bind(async (session, [org, name]: readonly [string, string], options: WriteOptions) => {
      const { endpoints } = await import('@rolecall/contract');
      const api = await session.api();
      const body = { ...(await bodyOf(options)), name, grants: (await readGrants(options)) ?? [] };
      show(session, await api.call(endpoints.createRole, { params: { org }, body }), 'created');
      return undefined;
    }),
  );
  const update = roles
    .command('update')
    .description('change a role; grants and members that are named replace all there were')
    .argument('<org>')
    .argument('<role>')
    .option('--name <name>', 'its new name')
    .option('--if-match <version>', 'only if it still has this version', Number);
  addWriteOptions(update).action(
    bind(async (session, [org, role]: readonly [string, string], options: WriteOptions) => {
      const { endpoints } = await import('@rolecall/contract');
      const api = await session.api();
      const params = { org, role_id: await findRoleId(api, org, role) };
      const body = await bodyOf(options);
      const { ifMatch } = options;
      show(session, await api.call(endpoints.updateRole, { params, body, ifMatch }), 'changed');
      return undefined;
    }),
  );
  roles
    .command('delete')
    .description('delete a role; a member left without one gets `member`')
    .argument('<org>')
    .argument('<role>')
    .option('--if-match <version>', 'only if it still has this version', Number)
    .action(
      bind(
        async (
          session,
          [org, role]: readonly [string, string],
          { ifMatch }: { ifMatch?: number },
        ) => {
          const { endpoints } = await import('@rolecall/contract');
          const api = await session.api();
          const params = { org, role_id: await findRoleId(api, org, role) };
          await api.call(endpoints.deleteRole, { params, ifMatch });
          const { output } = session;
          output.answer(
            { deleted: true, id: params.role_id },
            () => `${output.style.good('✓')} role deleted`,
          );
          return undefined;
        },
      ),
    );
}

function addWriteOptions(command: Command): Command {
  return addGrantOptions(
    command
      .option('--description <text>')
      .option('--member <user>', 'the id of a member who holds it', collect),
  );
}

async function bodyOf(options: WriteOptions): Promise<{
  name?: string;
  description?: string;
  grants?: Role['grants'];
  member_ids?: string[];
}> {
  const grants = await readGrants(options);
  return {
    ...(options.name !== undefined && { name: options.name }),
    ...(options.description !== undefined && { description: options.description }),
    ...(options.member !== undefined && { member_ids: [...options.member] }),
    ...(grants !== undefined && { grants }),
  };
}

function show({ output }: Session, { value: role, body }: Answer<Role>, done?: string): void {
  output.answer(body, () => {
    const { style } = output;
    const facts = renderFacts(
      [
        ['id', style.bold(role.id)],
        ['name', printable(role.name)],
        ['slug', role.slug],
        ['kind', role.kind],
        ...(role.description === null ? [] : [['about', printable(role.description)] as const]),
        ['members', count(role.member_count, 'member')],
        ['version', `${role.version}, ${shortTime(role.updated_at)} UTC`],
      ],
      style,
    );
    const head = done === undefined ? '' : `${style.good('✓')} role ${done}\n`;
    return [`${head}${facts}`, '', ...grantLines(role.grants, output)].join('\n');
  });
}

/** How many rows the grants are: one for each place. */
function rowCount(role: Role): number {
  return role.grants.reduce((sum, grant) => sum + (grant.selectors?.length ?? 1), 0);
}
