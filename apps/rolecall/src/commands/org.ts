import type { Organization } from '@rolecall/contract';
import type { Command } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import {
  type Column,
  count,
  printable,
  renderFacts,
  renderTable,
  shortTime,
} from '../output/index.ts';
import { addListOptions, footer, type ListOptions, readListing } from './paging.ts';
import { addEnforcementCommand } from './enforcement.ts';
import { addReportCommand } from './shadow-report.ts';

const columns: readonly Column<Organization>[] = [
  { title: 'ID', value: (org) => org.id },
  { title: 'NAME', value: (org) => org.name, shrinks: true },
  { title: 'ENFORCEMENT', value: (org) => org.enforcement },
  { title: 'MEMBERS', value: (org) => org.member_count.toLocaleString('en-US'), align: 'right' },
  { title: 'ROLES', value: (org) => org.role_count.toLocaleString('en-US'), align: 'right' },
  { title: 'CREATED', value: (org) => shortTime(org.created_at) },
];

/** `rolecall org …`: organizations and their enforcement. */
export function addOrgCommand(program: Command, bind: Bind): void {
  const org = program.command('org').helpCommand(false).description('organizations');
  addListOptions(org.command('list').description('list organizations, oldest first')).action(
    bind(async (session, _args: readonly [], options: ListOptions) => {
      const { endpoints } = await import('@rolecall/contract');
      const api = await session.api();
      const { page, body } = await readListing(options, (query) =>
        api.call(endpoints.listOrganizations, { query }),
      );
      session.output.answer(body, () => {
        const { output } = session;
        if (page.data.length === 0) return 'no organizations';
        return `${renderTable(columns, page.data, output)}\n${footer(page, 'organization', output.style)}`;
      });
      return undefined;
    }),
  );
  org
    .command('get')
    .description('show an organization')
    .argument('<org>', 'its id')
    .action(
      bind(async (session, [id]: readonly [string]) => {
        const { endpoints } = await import('@rolecall/contract');
        const api = await session.api();
        show(session, await api.call(endpoints.getOrganization, { params: { org: id } }));
        return undefined;
      }),
    );
  addWriteCommands(org, bind);
  addEnforcementCommand(org, bind);
  addReportCommand(org, bind);
}

function addWriteCommands(org: Command, bind: Bind): void {
  org
    .command('create')
    .description('create an organization; it starts enforced')
    .argument('<name>')
    .option('--id <id>', 'your id for it; made by Rolecall when absent')
    .option('--workos-id <id>', 'the WorkOS organization that it is linked to')
    .action(
      bind(
        async (session, [name]: readonly [string], options: { id?: string; workosId?: string }) => {
          const { endpoints } = await import('@rolecall/contract');
          const api = await session.api();
          const body = { name, id: options.id, workos_id: options.workosId };
          show(session, await api.call(endpoints.createOrganization, { body }), 'created');
          return undefined;
        },
      ),
    );
  org
    .command('update')
    .description('change an organization')
    .argument('<org>', 'its id')
    .option('--name <name>')
    .option('--workos-id <id>', 'the WorkOS organization that it is linked to')
    .option('--no-workos-id', 'unlink it from WorkOS')
    .action(
      bind(
        async (
          session,
          [id]: readonly [string],
          options: { name?: string; workosId?: string | false },
        ) => {
          const { endpoints } = await import('@rolecall/contract');
          const api = await session.api();
          const workos_id = options.workosId === false ? null : options.workosId;
          const body = { name: options.name, workos_id };
          const answer = await api.call(endpoints.updateOrganization, {
            params: { org: id },
            body,
          });
          show(session, answer, 'changed');
          return undefined;
        },
      ),
    );
}

function show(
  { output }: Session,
  { value: org, body }: { readonly value: Organization; readonly body: unknown },
  done?: string,
): void {
  output.answer(body, () => {
    const { style } = output;
    const facts = renderFacts(
      [
        ['id', style.bold(printable(org.id))],
        ['name', printable(org.name)],
        ['enforcement', org.enforcement],
        ['members', count(org.member_count, 'member')],
        ['roles', count(org.role_count, 'role')],
        ['WorkOS', org.workos_id === null ? style.dim('not linked') : printable(org.workos_id)],
        ['created', `${shortTime(org.created_at)} UTC`],
      ],
      style,
    );
    const warning = org.no_admin ? `\n${style.warning('! nobody can administer it')}` : '';
    return `${done === undefined ? '' : `${style.good('✓')} organization ${done}\n`}${facts}${warning}`;
  });
}
