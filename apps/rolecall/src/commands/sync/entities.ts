import { setTimeout as sleep } from 'node:timers/promises';
import type { SyncEntity } from '@rolecall/contract';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { type Column, count, printable, renderTable } from '../../output/index.ts';
import type { Bind, Outcome, Session } from '../../session/index.ts';
import { addListOptions, footer, type ListOptions, pages, readListing } from '../paging.ts';

const states = [
  'idle',
  'pending',
  'waiting',
  'parked',
  'blocked',
  'conflict',
  'quarantined',
  'planned',
];

const columns: readonly Column<SyncEntity>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'ORG', value: (entity) => entity.organization_id, shrinks: true },
  { title: 'WHAT', value: ({ kind }) => kind.replace('organization_', '').replace('_roles', '') },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'REASON', value: ({ reason }) => reason ?? '', shrinks: true },
];

interface Filter extends ListOptions {
  readonly org?: string;
  readonly state?: SyncEntity['state'];
}

/** `rolecall sync entities | retry | choose` */
export function addEntityCommands(sync: Command, bind: Bind): void {
  const list = sync
    .command('entities')
    .description('list what is not equal yet, and what can be done about it')
    .option('--org <org>', 'of one organization')
    .addOption(new Option('--state <state>', 'in one state').choices(states));
  addListOptions(list, { search: false }).action(bind(listEntities));
  sync
    .command('retry')
    .description('try an entity again now, whatever it waits for')
    .argument('[entity]', 'its id, from `sync entities`')
    .option('--all', 'every one that is not idle')
    .option('--org <org>', 'with --all: of one organization')
    .action(bind(retry));
  sync
    .command('choose')
    .description('choose the side of an entity that is planned or in conflict')
    .argument('<entity>', 'its id, from `sync entities`')
    .argument('<side>', 'here: send what Rolecall has; there: take what WorkOS has')
    .action(bind(choose));
}

async function listEntities(
  session: Session,
  _args: readonly [],
  options: Filter,
): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const { page, body } = await readListing(options, (query) =>
    api.call(endpoints.listSyncEntities, { query: { ...query, ...filterOf(options) } }),
  );
  output.answer(body, () => {
    if (page.data.length === 0) return 'nothing: all that is kept equal is equal';
    const advice = new Map(page.data.map((one) => [one.reason, one.advice]));
    const lines = [...advice].flatMap(([reason, text]) =>
      reason === null || text === null ? [] : [`${output.style.bold(reason)}  ${printable(text)}`],
    );
    const table = renderTable(columns, page.data, output);
    return [table, footer(page, 'entity', output.style), ...lines].join('\n');
  });
  return undefined;
}

function filterOf({ org, state }: Pick<Filter, 'org' | 'state'>) {
  return {
    ...(org !== undefined && { organization_id: org }),
    ...(state !== undefined && { state }),
  };
}

async function retry(
  session: Session,
  [entity]: readonly [string | undefined],
  options: { readonly all?: boolean; readonly org?: string },
): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  if ((entity === undefined) === (options.all !== true)) {
    throw new CliError(exitCodes.usage, 'usage', 'name one entity, or --all');
  }
  const api = await session.api();
  const { output } = session;
  const retried: unknown[] = [];
  const one = async (id: string): Promise<void> => {
    retried.push((await api.call(endpoints.retrySyncEntity, { params: { id } })).body);
  };
  if (entity !== undefined) await one(entity);
  else {
    const read = (query: object) =>
      api.call(endpoints.listSyncEntities, { query: { ...query, ...filterOf(options) } });
    for await (const page of pages(read)) for (const { id } of page) await one(id);
  }
  const { style } = output;
  output.answer(
    { retried },
    () => `${style.good('✓')} ${count(retried.length, 'entity', 'entities')} due now`,
  );
  return undefined;
}

async function choose(session: Session, [id, side]: readonly [string, string]): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  if (side !== 'here' && side !== 'there') {
    throw new CliError(exitCodes.usage, 'usage', `\`${side}\` is neither \`here\` nor \`there\``);
  }
  const api = await session.api();
  const { output } = session;
  const { value, body } = await onceFree(() =>
    api.call(endpoints.chooseSyncSide, { params: { id }, body: { side } }),
  );
  const { style } = output;
  output.answer(body, () => `${style.good('✓')} ${side} was chosen; it is ${value.state} now`);
  return undefined;
}

const BUSY_MS = 500;
const LONGEST_BUSY_MS = 30_000;

/** The answer of a call that is refused while somebody else works on the organization, which is soon over. */
async function onceFree<T>(call: () => Promise<T>): Promise<T> {
  const until = performance.now() + LONGEST_BUSY_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const busy = error instanceof CliError && error.code === 'organization_busy';
      if (!busy || performance.now() > until) throw error;
      await sleep(BUSY_MS);
    }
  }
}
