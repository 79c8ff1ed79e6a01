import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { builtinPolicy } from '@rolecall/policy';
import { type Database, inTransaction, openDatabase, type Tx } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createGrants,
  createRole,
  deleteGrants,
  deleteRole,
  removeMember,
  setMemberRoles,
  updateRole,
} from '../../src/roles/index.ts';
import { openRoom, type Room } from './room.ts';

/*
 * How often a command waits for the database. A proxy counts how often the client speaks after the server has
 * spoken; what goes behind the commit is sent with it, and nobody waits for its answer.
 */
const test = await createTestDatabase();
let trips = 0;
let proxy: Server;
let database: Database;
let room: Room;

beforeAll(async () => {
  const { port, hostname } = new URL(test.url);
  proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let answered = true;
    client.on('data', (bytes) => {
      if (answered) trips += 1;
      answered = false;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      answered = true;
      client.write(bytes);
    });
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('close', end).on('error', end);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(test.url);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port);
  database = openDatabase({ url: url.href, maxConnections: 1 });
  room = await openRoom(test.db);
});
afterAll(async () => {
  await database.close();
  proxy.close();
  await test.close();
});

/** How many round trips a command takes, on a connection that is there. */
async function tripsOf<Args, Result>(
  command: (tx: Tx, organizationId: string, args: Args, context: Context) => Promise<Result>,
  args: Args,
): Promise<{ readonly trips: number; readonly result: Result }> {
  await inTransaction(database.db, () => Promise.resolve());
  trips = 0;
  const result = await inTransaction(database.db, (tx) => command(tx, room.id, args, context));
  return { trips, result };
}

type Context = typeof context;
const context = { actor: 'system', requestId: null, policy: builtinPolicy };
const grants = (id: string) => [
  { scope: 'project:read', selectors: [{ resource_kind: 'project', resource_id: id }] },
];

async function countTrips() {
  const created = await tripsOf(createRole, { name: 'Support', grants: grants('p1') });
  const roleId = created.result.value.id;
  const change = { roleId, name: 'Care', grants: grants('p2') };
  const updated = await tripsOf(updateRole, change);
  await room.add('ann');
  const assigned = await tripsOf(setMemberRoles, { userId: 'ann', roleIds: [roleId] });
  const direct = { principal: 'user:ann', grants: grants('p3') };
  const granted = await tripsOf(createGrants, direct);
  const taken = await tripsOf(deleteGrants, direct);
  const revoked = await tripsOf(setMemberRoles, { userId: 'ann', roleIds: [room.memberRoleId] });
  const removed = await tripsOf(removeMember, { userId: 'ann' });
  const deleted = await tripsOf(deleteRole, { roleId });
  return {
    created: created.trips,
    updated: updated.trips,
    assigned: assigned.trips,
    granted: granted.trips,
    taken: taken.trips,
    revoked: revoked.trips,
    removed: removed.trips,
    deleted: deleted.trips,
  };
}

it('a command waits for the database as often as it must', async () => {
  const least: Record<string, number> = {};
  // What is sent in one go may reach the server in two pieces, which counts too much and never too little.
  for (let turn = 0; turn < 3; turn += 1) {
    for (const [name, counted] of Object.entries(await countTrips())) {
      least[name] = Math.min(least[name] ?? Infinity, counted);
    }
  }
  expect(least).toEqual({
    // The lock with what has to be read, and the writes with the commit.
    updated: 2,
    assigned: 2,
    revoked: 2,
    // The answer, and the history, say what the database made of it.
    created: 3,
    granted: 3,
    taken: 3,
    removed: 3,
    // Who holds the role is read page by page.
    deleted: 3,
  });
});
