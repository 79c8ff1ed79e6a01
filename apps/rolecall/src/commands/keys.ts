import type { ApiKey, CreatedApiKey } from '@rolecall/contract';
import { type Command, Option } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import { type Column, printable, renderFacts, renderTable, shortTime } from '../output/index.ts';
import { addListOptions, footer, type ListOptions, readListing } from './paging.ts';

interface CreateOptions {
  readonly scope: ApiKey['scope'];
  readonly organization?: string;
  readonly direct?: boolean;
}

const columns: readonly Column<ApiKey>[] = [
  { title: 'ID', value: (key) => key.id },
  { title: 'NAME', value: (key) => key.name, shrinks: true },
  { title: 'SCOPE', value: (key) => key.scope },
  { title: 'ORGANIZATION', value: (key) => key.organization_id ?? 'all', shrinks: true },
  { title: 'KEY', value: (key) => `…${key.hint}` },
  {
    title: 'STATE',
    value: (key) => (key.revoked_at === null ? shortTime(key.created_at).slice(0, 10) : 'revoked'),
  },
];

/** `rolecall keys …`: who may call the API. */
export function addKeysCommand(program: Command, bind: Bind): void {
  const keys = program.command('keys').helpCommand(false).description('the API keys');
  addListOptions(keys.command('list').description('list keys, oldest first; revoked ones too'), {
    search: false,
  })
    .option('--organization <org>', 'those of one organization')
    .action(
      bind(
        async (session, _args: readonly [], options: ListOptions & { organization?: string }) => {
          const { endpoints } = await import('@rolecall/contract');
          const api = await session.api();
          const filter = { organization_id: options.organization };
          const { page, body } = await readListing(options, (query) =>
            api.call(endpoints.listApiKeys, { query: { ...query, ...filter } }),
          );
          const { output } = session;
          output.answer(body, () => {
            if (page.data.length === 0) return 'no keys';
            return `${renderTable(columns, page.data, output)}\n${footer(page, 'key', output.style)}`;
          });
          return undefined;
        },
      ),
    );
  keys
    .command('create')
    .description('create a key and show it once')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option('--scope <scope>', 'everything, or only asking')
        .choices(['manage', 'check'])
        .default('manage'),
    )
    .option('--organization <org>', 'for one organization only')
    .option('--direct', 'in the database itself, for when every key is lost')
    .action(bind(createKey));
  keys
    .command('revoke')
    .description('revoke a key; it stops working with the next request')
    .argument('<id>')
    .action(
      bind(async (session, [id]: readonly [string]) => {
        const { endpoints } = await import('@rolecall/contract');
        const api = await session.api();
        await api.call(endpoints.revokeApiKey, { params: { id } });
        const { output } = session;
        output.answer({ revoked: true, id }, () => `${output.style.good('✓')} key revoked`);
        return undefined;
      }),
    );
}

async function createKey(
  session: Session,
  [name]: readonly [string],
  { scope, organization, direct }: CreateOptions,
): Promise<undefined> {
  const body = {
    name,
    scope,
    ...(organization !== undefined && { organization_id: organization }),
  };
  if (direct === true) {
    const { createKeyDirectly } = await import('./keys-direct.ts');
    const created = await createKeyDirectly(session, body);
    show(session, created, created);
    return undefined;
  }
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const answer = await api.call(endpoints.createApiKey, { body });
  show(session, answer.value, answer.body);
  return undefined;
}

function show({ output }: Session, created: CreatedApiKey, body: unknown): void {
  output.answer(body, () => {
    const { style } = output;
    const facts = renderFacts(
      [
        ['key', style.bold(created.key)],
        ['id', created.id],
        ['name', printable(created.name)],
        ['scope', created.scope],
        ['reaches', printable(created.organization_id ?? 'every organization')],
      ],
      style,
    );
    return `${style.good('✓')} key created; it is not shown again\n${facts}`;
  });
}
