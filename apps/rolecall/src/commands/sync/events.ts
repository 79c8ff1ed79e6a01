import type { HeldEvent } from '@rolecall/contract';
import { type Command, Option } from 'commander';
import { exitCodes } from '../../exit-codes.ts';
import { type Column, count, renderTable, shortTime } from '../../output/index.ts';
import type { Bind, Outcome, Session } from '../../session/index.ts';
import { addListOptions, footer, type ListOptions, readListing } from '../paging.ts';

const columns: readonly Column<HeldEvent>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'TYPE', value: ({ type }) => type, shrinks: true },
  { title: 'WHY', value: (event) => event.reason ?? event.waits_for ?? '', shrinks: true },
  { title: 'HAPPENED', value: (event) => shortTime(event.happened_at) },
];

/** `rolecall sync events | replay` */
export function addEventCommands(sync: Command, bind: Bind): void {
  const list = sync
    .command('events')
    .description('list events of WorkOS that were read and not processed')
    .addOption(
      new Option('--state <state>', 'quarantined, or parked until their organization is linked')
        .choices(['quarantined', 'parked'])
        .default('quarantined'),
    );
  addListOptions(list, { search: false }).action(bind(listEvents));
  sync
    .command('replay')
    .description('try quarantined events again')
    .argument('[event]', 'one of them (default: all)')
    .action(bind(replay));
}

async function listEvents(
  session: Session,
  _args: readonly [],
  options: ListOptions & { readonly state: HeldEvent['state'] },
): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const { page, body } = await readListing(options, (query) =>
    api.call(endpoints.listSyncEvents, { query: { ...query, state: options.state } }),
  );
  output.answer(body, () => {
    if (page.data.length === 0) return `no ${options.state} events`;
    return `${renderTable(columns, page.data, output)}\n${footer(page, 'event', output.style)}`;
  });
  return undefined;
}

async function replay(session: Session, [event]: readonly [string | undefined]): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const given = { body: event === undefined ? {} : { event_id: event } };
  const { value, body } = await api.call(endpoints.replaySyncEvents, given);
  const { style } = output;
  output.answer(body, () => {
    const left = value.quarantined === 0 ? '' : `; ${value.quarantined} still quarantined`;
    return `${style.good('✓')} ${count(value.replayed, 'event')} in order now${left}`;
  });
  return value.quarantined === 0 ? undefined : exitCodes.differs;
}
