import type { SyncStatus } from '@rolecall/contract';
import type { Command } from 'commander';
import { exitCodes } from '../../exit-codes.ts';
import { count, duration, type Output, padEnd, printable, type Style } from '../../output/index.ts';
import type { Bind, Outcome, Session } from '../../session/index.ts';

/** `rolecall sync status`: what is pending, what waits for a person, and whether WorkOS answers. */
export function addStatusCommand(sync: Command, bind: Bind): void {
  sync
    .command('status')
    .description('show what is pending, what waits for a person, and whether WorkOS answers')
    .argument('[org]', 'of one organization (default: of all)')
    .action(bind(showStatus));
}

async function showStatus(
  session: Session,
  [org]: readonly [string | undefined],
): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const query = org === undefined ? {} : { organization_id: org };
  const { value, body } = await api.call(endpoints.getSyncStatus, { query });
  session.output.answer(body, () => render(value, session.output));
  return waitsForPerson(value) > 0 || value.brakes.length > 0 ? exitCodes.differs : undefined;
}

const NAME_WIDTH = 12;

/** How many entities only a person can bring on. */
function waitsForPerson({ entities }: SyncStatus): number {
  return entities.planned + entities.conflict + entities.blocked + entities.quarantined;
}

function render(status: SyncStatus, { style }: Output): string {
  const { entities, pending, oldest_pending_seconds: oldest, marked, drift } = status;
  const age = oldest === null ? '' : `, the oldest for ${duration(oldest * 1_000)}`;
  const lines: (readonly [ok: boolean, name: string, text: string])[] = [
    ...connectionLines(status),
    [true, 'equal', `${count(entities.idle, 'thing')} in ${count(status.linked, 'organization')}`],
    [true, 'on the way', `${count(pending, 'change')} to WorkOS${age}; ${marked} to be looked at`],
    [
      drift === 0,
      'drift',
      drift === 0
        ? 'none that is known'
        : `${count(drift, 'thing')} known to differ, and not on the way`,
    ],
    [waitsForPerson(status) === 0, 'for you', forPerson(status)],
    ...eventLines(status),
    ...status.brakes.map((brake): readonly [boolean, string, string] => [
      false,
      'brake',
      `${printable(brake.organization_id)}: ${brake.held} held back, see \`rolecall sync release\``,
    ]),
  ];
  return lines.map(([ok, name, text]) => line(ok, name, text, style)).join('\n');
}

function line(ok: boolean, name: string, text: string, style: Style): string {
  return `${ok ? style.good('✓') : style.warning('!')} ${style.dim(padEnd(name, NAME_WIDTH))}${text}`;
}

type Line = readonly [ok: boolean, name: string, text: string];

function connectionLines({ connection }: SyncStatus): readonly Line[] {
  if (connection === null) {
    return [[false, 'WorkOS', 'not connected: this process has no WORKOS_API_KEY']];
  }
  const { circuit, paused_seconds: paused, budget_left: left, troubles } = connection;
  const words = {
    closed: `answers, with room for ${Math.floor(left.all)} calls at once`,
    open: 'is away; everything is kept and sent when it is back',
    refused: 'refuses the key; nothing is sent until it takes one',
  };
  return [
    [circuit === 'closed', 'WorkOS', words[circuit]],
    ...(paused > 0 ? [[false, '', `asks to wait for ${duration(paused * 1_000)}`] as const] : []),
    ...troubles.map(({ doing, code }) => [false, '', `cannot ${doing}: ${code}`] as const),
  ];
}

function forPerson(status: SyncStatus): string {
  const { planned, conflict, blocked, quarantined } = status.entities;
  if (waitsForPerson(status) === 0) return 'nothing waits for a person';
  const parts = [
    [planned, 'planned'],
    [conflict, 'in conflict'],
    [blocked, 'blocked'],
    [quarantined, 'quarantined'],
  ] as const;
  const some = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
  return `${some.join(', ')}; see \`rolecall sync entities\``;
}

function eventLines({ cursor_age_seconds: age, ...status }: SyncStatus): readonly Line[] {
  if (age === null) return [];
  const held = [
    ...(status.parked_events > 0 ? [`${status.parked_events} parked`] : []),
    ...(status.quarantined_events > 0 ? [`${status.quarantined_events} quarantined`] : []),
  ];
  const read = `read ${duration(age * 1_000)} ago`;
  return [[status.quarantined_events === 0, 'events', [read, ...held].join(', ')]];
}
