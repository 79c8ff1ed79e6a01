import { createManualClock, createSimulator } from '@rolecall/workos-simulator';
import { BEGINNING, LATE_MS, type OtherSide } from './arena.ts';
import { fillRemote } from './beginnings.ts';
import { History } from './history.ts';
import { NaiveModel } from './naive.ts';
import { performAct } from './people.ts';
import { pick, pickSome } from './random.ts';
import { readRemote } from './remote-state.ts';
import { type Operation, type Schedule, type Step } from './schedule.ts';
import { calm, changeStreamWeather, changeWeather } from './weather.ts';

/** One organization in the hands of the naive design. */
interface NaiveSite {
  readonly model: NaiveModel;
  readonly remoteId: string;
}

interface Stage {
  readonly there: OtherSide;
  readonly sites: readonly NaiveSite[];
  /** The process that answers the next command dies before it tells WorkOS. */
  dies: boolean;
}

const SPELLS_MS = [700, 2_500, 9_000, 20_000, 70_000, 700_000];
const COMMON_NAMES = ['Auditor', 'Billing', 'Support'];

/** Plays a schedule against the naive design, heals, and says where the sides differ in the end. */
export async function runNaively(schedule: Schedule): Promise<readonly string[]> {
  const clock = createManualClock(BEGINNING);
  const { seed, beginnings } = schedule;
  const simulator = createSimulator({
    seed,
    clock,
    rateLimits: 'off',
    multipleRoles: beginnings.multipleRoles,
    reassignment: { delayMs: 400, batch: 2 },
  });
  const there: OtherSide = {
    schedule,
    simulator,
    clock,
    history: new History(simulator, () => clock.now()),
    sites: [],
    late: LATE_MS,
    thinListings: false,
    lacked: false,
    forgotten: false,
    reached: () => undefined,
  };
  const sites: NaiveSite[] = [];
  for (let index = 0; index < beginnings.organizations; index += 1) {
    const name = `Acme ${index}`;
    const { id: remoteId } = simulator.dashboard.createOrganization({ name });
    const site = { id: `acme-${index}`, name, remoteId };
    there.sites.push(site);
    fillRemote(there, site);
    if (beginnings.directory) simulator.directory.connect({ organization: remoteId });
    sites.push({ remoteId, model: new NaiveModel(simulator, remoteId, (ms) => clock.advance(ms)) });
  }
  for (const { model } of sites) model.link();
  const stage: Stage = { there, sites, dies: false };
  for (const step of schedule.steps) {
    await clock.advance(15);
    await (DOING[step.operation] ?? nothing)(stage, step);
  }
  await healNaively(stage);
  const differences = sites.flatMap((site) => differencesOf(stage, site));
  simulator.close();
  return differences;
}

type Doing = (stage: Stage, step: Step) => Promise<void> | void;

const act: Doing = ({ there }, step) => {
  performAct(there, step);
};

const DOING: Partial<Record<Operation, Doing>> = {
  work: async ({ sites }, { b }) => {
    if (b < 0.3) for (const { model } of sites) await model.pull();
  },
  create_role: command(async (model, { number, a, b }, dies) => {
    const common = pick(COMMON_NAMES, b);
    const name = a < 0.6 && common !== undefined ? common : `Role ${number}`;
    const slug = `org-${name.toLowerCase().replaceAll(' ', '-')}`;
    await model.createRole({ slug, name, description: `C${number}` }, dies);
  }),
  edit_role: command(async (model, { number, a, b }, dies) => {
    const role = pick(model.liveRoles(), a);
    if (role === undefined) return;
    const name = b < 0.5 ? `Role ${number}` : role.name;
    await model.editRole(role.slug, { name, description: `C${number}` }, dies);
  }),
  delete_role: command(async (model, { a }, dies) => {
    const role = pick(model.liveRoles(), a);
    if (role !== undefined) await model.deleteRole(role.slug, dies);
  }),
  set_roles: command(async (model, { a, b }, dies) => {
    const member = pick([...model.members.values()], a);
    if (member === undefined) return;
    const slugs = [...model.environment, ...model.liveRoles().map(({ slug }) => slug)];
    await model.setRoles(member, pickSome(slugs, b), dies);
  }),
  dashboard_role: act,
  dashboard_roles_of: act,
  dashboard_member: act,
  dashboard_environment: act,
  directory: act,
  weather: ({ there }, step) => {
    changeWeather(there, step);
  },
  stream_weather: ({ there }, step) => {
    changeStreamWeather(there, step);
  },
  calm: ({ there }) => {
    calm(there);
  },
  time: ({ there }, { a }) => there.clock.advance(pick(SPELLS_MS, a) ?? 0),
  kill: (stage) => {
    stage.dies = true;
  },
};

function command(does: (model: NaiveModel, step: Step, dies: boolean) => Promise<void>): Doing {
  return async (stage, step) => {
    const site = pick(stage.sites, (step.c * 7) % 1);
    const { dies } = stage;
    stage.dies = false;
    if (site !== undefined) await does(site.model, step, dies);
  };
}

function nothing(): void {
  // What is done to workers is nothing to a design without any.
}

/** As much time as the other design needs, and every event read. */
async function healNaively({ there, sites }: Stage): Promise<void> {
  calm(there);
  for (let round = 0; round < 8; round += 1) {
    for (const { model } of sites) await model.pull();
    await there.clock.advance(700_000);
  }
  for (const { model } of sites) await model.pull();
}

function differencesOf({ there }: Stage, { model, remoteId }: NaiveSite): readonly string[] {
  const { roles, memberships } = readRemote(there.simulator);
  const remoteRoles = roles.filter(({ organizationId }) => organizationId === remoteId);
  const shape = (one: {
    readonly slug: string;
    readonly name: string;
    readonly description: string | null;
  }): string => `role ${one.slug}: ${one.name} (${one.description ?? ''})`;
  const member = (one: {
    readonly id: string;
    readonly status: string;
    readonly roles: readonly string[];
  }): string =>
    `member ${one.id}: ${one.status} ${one.status === 'inactive' ? '' : one.roles.join()}`;
  const here = [
    ...model.liveRoles().map(shape),
    ...[...model.members.values()].map((one) => member({ ...one, id: one.remoteId })),
  ];
  const other = [
    ...remoteRoles.map(shape),
    ...memberships.filter(({ organizationId }) => organizationId === remoteId).map(member),
  ];
  return [
    ...here.filter((one) => !other.includes(one)).map((one) => `here only: ${one}`),
    ...other.filter((one) => !here.includes(one)).map((one) => `there only: ${one}`),
  ];
}
