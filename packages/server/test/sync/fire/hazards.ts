import { type NetworkNews } from './network.ts';

/**
 * The hazards of keeping a database and WorkOS equal, by their numbers in the catalogue that docs/sync.md
 * repeats. Those with a `test` cannot happen to the simulation, or not so that it would notice; the test makes
 * them happen instead.
 */
export const hazards = {
  O1: { is: 'a process ends between commit and call' },
  O2: { is: 'a call may have taken effect, and nobody knows' },
  O3: { is: 'a slug is taken when a role is made' },
  O4: { is: 'a role that is to be deleted has members' },
  O5: { is: 'a role that is to be deleted is mapped from a directory group' },
  O6: { is: 'a set names a role that is not there' },
  O7: { is: 'several roles are not enabled' },
  O8: { is: 'WorkOS throttles' },
  O9: { is: 'WorkOS fails or the connection breaks' },
  O10: { is: 'what is to be written is gone' },
  O11: { is: 'the key is refused' },
  O12: { is: 'a change overtakes one that is not sent yet' },
  O13: { is: 'roles, members and deletions wait at once' },
  O14: { is: 'two workers want one organization' },
  O15: { is: 'a worker wakes up after its lease' },
  O16: { is: 'a process ends in the middle of what was due' },
  O17: { is: 'one thing cannot be sent while others can' },
  O18: { is: 'a revocation waits beside a grant' },
  O19: { is: 'the outbox grows', test: 'packages/server/src/sync/test/postgres-runner.test.ts' },
  O20: { is: 'a client might send a write again by itself' },
  O21: { is: 'somebody changes in the dashboard what Rolecall owns' },
  O22: { is: 'an old backup is restored', test: 'packages/server/src/sync' },
  O23: { is: 'the key is of another environment' },
  O24: { is: 'very much is removed at once', test: 'packages/server/src/sync' },
  I1: { is: 'a webhook is lost' },
  I2: { is: 'a webhook or an event comes twice' },
  I3: { is: 'webhooks overtake each other' },
  I4: { is: 'the echo of a write of our own' },
  I5: { is: 'something is heard of what has a newer change pending' },
  I6: { is: 'an unknown organization or role' },
  I7: { is: 'something is heard of what was deleted here' },
  I8: { is: 'a slug is used again' },
  I9: { is: 'a membership is made anew' },
  I10: { is: 'a person twice' },
  I11: { is: 'a person is linked by address' },
  I12: { is: 'a member is suspended' },
  I13: { is: 'a directory owns what is to be changed here' },
  I14: { is: 'a role of the environment ends, its members later' },
  I15: { is: 'a slug in the organization and in the environment' },
  I16: { is: 'the last admin is taken away by WorkOS' },
  I17: { is: 'the cursor is older than what is kept' },
  I18: { is: 'a whole comparison beside live events' },
  I19: { is: 'a listing breaks' },
  I20: { is: 'a listing lacks what is there' },
  I21: { is: 'two processes read the stream' },
  I22: { is: 'a process ends between reading and storing' },
  I23: { is: 'events of one instant' },
  I24: { is: 'clocks differ' },
  I25: { is: 'an event that cannot be read' },
  I26: { is: 'fields that nobody has heard of' },
  I27: { is: 'a storm of events' },
  I28: { is: 'events in another order than promised' },
  I29: { is: 'a forged webhook' },
  I30: { is: 'an event about a person of no single organization' },
  L1: { is: 'somebody takes the last admin away here' },
  L2: { is: 'an admin for a time', test: 'there is no expiry' },
  L3: { is: 'an edit of a version that has passed' },
  L4: { is: 'a lost notification', test: 'packages/server/src/access' },
  L5: { is: 'a torn snapshot', test: 'packages/server/src/access' },
  L6: { is: 'a revision before its data', test: 'packages/server/src/access' },
  L7: { is: 'a replica', test: 'checks are never answered by one' },
  L8: { is: 'a paused node', test: 'packages/server/src/access' },
  L9: { is: 'a cache of decisions', test: 'there is none' },
  L10: { is: 'claims that a host keeps', test: 'docs/failure-modes.md' },
} as const satisfies Readonly<Record<string, { readonly is: string; readonly test?: string }>>;

export type Hazard = keyof typeof hazards;

/** What the simulation has to reach. */
export const reachable: readonly Hazard[] = (Object.keys(hazards) as Hazard[]).filter(
  (hazard) => !('test' in hazards[hazard]),
);

/** How often each was reached. */
export type HazardCounts = Map<Hazard, number>;

const BY_CODE: Readonly<Record<string, Hazard>> = {
  organization_role_slug_conflict: 'O3',
  role_has_assignments: 'O4',
  role_has_group_role_mappings: 'O5',
  invalid_role: 'O6',
  multiple_roles_not_enabled: 'O7',
};

const LISTS =
  /^\/(user_management\/(organization_memberships|users)|authorization\/organizations\/[^/]+\/roles)$/;

/** Each with what an exchange must look like to reach it. */
const BY_EXCHANGE: readonly (readonly [Hazard, (news: NetworkNews) => boolean])[] = [
  ['O8', ({ status }) => status === 429],
  ['O9', failed],
  ['O10', ({ status, method }) => status === 404 && method !== 'GET'],
  ['O11', ({ status }) => status === 401],
  ['O20', (news) => failed(news) && news.method !== 'GET'],
  ['I17', ({ status, path }) => status === 400 && path === '/events'],
  ['I19', (news) => failed(news) && news.method === 'GET' && LISTS.test(news.path)],
];

/** What one exchange with WorkOS says about hazards. */
export function hazardsOfExchange(news: NetworkNews): readonly Hazard[] {
  const found = BY_EXCHANGE.filter(([, looks]) => looks(news)).map(([hazard]) => hazard);
  const known = news.code === null ? undefined : BY_CODE[news.code];
  return known === undefined ? found : [...found, known];
}

function failed({ status }: NetworkNews): boolean {
  return status === null || status >= 500;
}
