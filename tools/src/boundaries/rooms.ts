/**
 * The rooms of the house and which of them a room may enter. A room is a package, or a folder of
 * `packages/server/src`. The list is DESIGN §8 as data; downward only, so it also forbids cycles.
 */
export interface Room {
  /** Where its files are, from the root of the repository. */
  readonly folder: string;
  /** The rooms its files may import from, beside its own. */
  readonly mayEnter: readonly RoomName[];
  /** Libraries that only this room and others which name them may use. */
  readonly libraries?: readonly string[];
}

export type RoomName = keyof typeof folders;

const folders = {
  policy: 'packages/policy/src',
  contract: 'packages/contract/src',
  errors: 'packages/server/src/errors',
  database: 'packages/server/src/database',
  paging: 'packages/server/src/paging',
  identity: 'packages/server/src/identity',
  audit: 'packages/server/src/audit',
  outbox: 'packages/server/src/outbox',
  workos: 'packages/server/src/workos',
  roles: 'packages/server/src/roles',
  access: 'packages/server/src/access',
  decisions: 'packages/server/src/decisions',
  sync: 'packages/server/src/sync',
  http: 'packages/server/src/http',
  server: 'packages/server/src',
  'local-postgres': 'packages/local-postgres/src',
  'workos-simulator': 'packages/workos-simulator/src',
  testkit: 'packages/testkit/src',
  'temporal-runner': 'packages/temporal-runner/src',
  'apps/rolecall': 'apps/rolecall/src',
} as const;

const ground: readonly RoomName[] = ['policy', 'contract', 'errors', 'database', 'paging'];
const inside: readonly RoomName[] = [
  ...ground,
  'identity',
  'audit',
  'outbox',
  'workos',
  'roles',
  'access',
  'decisions',
  'sync',
  'http',
];

const mayEnter: Readonly<Record<RoomName, readonly RoomName[]>> = {
  policy: [],
  contract: ['policy'],
  errors: ['contract', 'policy'],
  database: ['contract', 'errors'],
  paging: ['contract', 'errors'],
  identity: ground,
  audit: [...ground, 'identity'],
  outbox: [...ground, 'identity'],
  workos: ['contract', 'errors', 'database'],
  roles: [...ground, 'identity', 'audit', 'outbox'],
  access: [...ground, 'identity'],
  decisions: [...ground, 'identity', 'audit', 'access'],
  sync: [...ground, 'identity', 'audit', 'outbox', 'workos', 'roles'],
  http: [...ground, 'identity', 'audit', 'roles', 'access', 'decisions', 'sync'],
  server: inside,
  'local-postgres': [],
  'workos-simulator': [],
  testkit: ['server', 'database', 'local-postgres', 'policy'],
  'temporal-runner': ['database', 'sync'],
  'apps/rolecall': [
    'policy',
    'contract',
    'server',
    'database',
    'local-postgres',
    'workos-simulator',
    'temporal-runner',
  ],
};

const libraries: Partial<Record<RoomName, readonly string[]>> = {
  contract: ['hono', '@hono/zod-openapi', 'zod'],
  database: ['pg', 'kysely'],
  identity: ['kysely'],
  audit: ['kysely'],
  outbox: ['kysely'],
  roles: ['kysely'],
  access: ['kysely'],
  sync: ['kysely', 'pg-boss'],
  workos: ['@workos-inc/node', 'zod'],
  http: ['hono', '@hono/zod-openapi', 'zod', 'rate-limiter-flexible'],
  server: ['hono'],
  'workos-simulator': ['hono', '@hono/node-server', 'zod'],
  testkit: ['pg', 'kysely'],
  'temporal-runner': [
    '@temporalio/activity',
    '@temporalio/client',
    '@temporalio/common',
    '@temporalio/worker',
    '@temporalio/workflow',
  ],
  'apps/rolecall': ['zod', '@hono/node-server', 'pg'],
};

/** Libraries whose types must not wander: each is named by the rooms that may use it. */
export const guardedLibraries: ReadonlySet<string> = new Set(
  Object.values(libraries).flatMap((names) => names),
);

/** Every room by name. */
export const rooms: ReadonlyMap<RoomName, Room> = new Map(
  (Object.keys(folders) as RoomName[]).map((name) => [
    name,
    { folder: folders[name], mayEnter: mayEnter[name], libraries: libraries[name] ?? [] },
  ]),
);

/** The room of a file: the one with the longest folder that holds it. */
export function roomOf(file: string): RoomName | undefined {
  let best: RoomName | undefined;
  for (const [name, room] of rooms) {
    if (!file.startsWith(`${room.folder}/`)) continue;
    if (best === undefined || room.folder.length > folders[best].length) best = name;
  }
  return best;
}
