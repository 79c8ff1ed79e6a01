import { setTimeout as sleep } from 'node:timers/promises';
import { builtinPolicy } from '@rolecall/policy';
import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { type Simulator, type SimulatorOptions, startSimulator } from '@rolecall/workos-simulator';
import { inTransaction, query, type Tx } from '../../database/index.ts';
import {
  createOrganization,
  type CommandContext,
  type Committed,
  listMembers,
  type Member,
} from '../../roles/index.ts';
import { type Workos, type WorkosOptions } from '../../workos/index.ts';
import { drainOrganization, type DrainOptions, type DrainResult } from '../drain/index.ts';
import { openHurriedWorkos } from './hurried-workos.ts';

/** A database and a WorkOS with one organization on both sides, linked but not looked at yet. */
export interface World {
  readonly test: TestDatabase;
  readonly simulator: Simulator;
  readonly workos: Workos;
  readonly organizationId: string;
  /** The organization's id in WorkOS. */
  readonly remoteId: string;
  readonly context: CommandContext;
  readonly run: <T>(
    command: (
      tx: Tx,
      organizationId: string,
      args: never,
      context: CommandContext,
    ) => Promise<Committed<T>>,
    args: unknown,
  ) => Promise<T>;
  readonly drain: (options?: Partial<DrainOptions>) => Promise<DrainResult>;
  /** Drains, waiting for what is due in the next moments too, until nothing more is. */
  readonly settle: () => Promise<void>;
  readonly member: (email: string) => Promise<Member & { readonly slugs: readonly string[] }>;
  readonly entities: () => Promise<readonly EntityRow[]>;
  readonly rows: <Row>(text: string, ...values: readonly unknown[]) => Promise<Row[]>;
  /** The roles that a member has in WorkOS, sorted. */
  readonly rolesThere: (email: string) => readonly string[];
  readonly close: () => Promise<void>;
}

export interface EntityRow {
  readonly kind: string;
  readonly subject_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly pending: boolean;
  readonly next_attempt_at: string | null;
}

interface RemoteState {
  readonly users: readonly { readonly id: string; readonly email: string }[];
  readonly organization_memberships: readonly {
    readonly user_id: string;
    readonly organization_id: string;
    readonly roles: readonly { readonly slug: string }[];
  }[];
}

export interface WorldOptions {
  readonly simulator?: SimulatorOptions;
  readonly workos?: Partial<WorkosOptions>;
  /** Done in WorkOS before the link. */
  readonly before?: (simulator: Simulator) => void;
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const test = await createTestDatabase();
  const simulator = await startSimulator({ rateLimits: 'off', ...options.simulator });
  const { id: remoteId } = simulator.dashboard.createOrganization({ name: 'Acme' });
  options.before?.(simulator);
  const workos = openHurriedWorkos({
    db: test.db,
    apiKey: simulator.apiKey,
    apiUrl: simulator.url,
    ...options.workos,
  });
  const context = { actor: 'system', requestId: null, policy: builtinPolicy };
  const organizationId = 'acme';
  const { db } = test;
  await inTransaction(db, (tx) =>
    createOrganization(tx, { id: organizationId, name: 'Acme', workosId: remoteId }, context),
  );
  const drain: World['drain'] = (more) =>
    drainOrganization({ db, port: workos.port, ...more }, organizationId);
  const rows: World['rows'] = (text, ...values) => query(db, { text, values });
  const rolesThere = (email: string): readonly string[] => {
    const state = simulator.state() as unknown as RemoteState;
    const user = state.users.find((one) => one.email === email);
    const membership = state.organization_memberships.find(
      (one) => one.user_id === user?.id && one.organization_id === remoteId,
    );
    return (membership?.roles ?? []).map((role) => role.slug).sort();
  };
  return {
    test,
    simulator,
    workos,
    organizationId,
    remoteId,
    context,
    run: async (command, args) => {
      const { value } = await inTransaction(db, (tx) =>
        command(tx, organizationId, args as never, context),
      );
      return value;
    },
    drain,
    settle: async () => {
      for (let turn = 0; turn < 100; turn += 1) {
        await drain();
        const [next] = await rows<{ ms: number | null }>(
          `SELECT (extract(epoch FROM min(next_attempt_at) - clock_timestamp()) * 1000)::float8 AS ms
             FROM (SELECT next_attempt_at FROM rolecall.sync_entities
                   UNION ALL SELECT next_attempt_at FROM rolecall.sync_marks) due`,
        );
        if (next?.ms === null || next === undefined || next.ms > 30_000) return;
        await sleep(Math.max(0, next.ms) + 5);
      }
      throw new Error('the organization never settles');
    },
    member: async (email) => {
      const { data } = await listMembers(db, organizationId, { limit: 1000 });
      const member = data.find((one) => one.email === email);
      if (member === undefined) throw new Error(`no member ${email}`);
      const slugs = await rows<{ slug: string }>(
        `SELECT coalesce(g.slug, r.slug) AS slug FROM rolecall.roles r
           LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
           WHERE r.organization_id = $1 AND r.id = ANY ($2::uuid[]) ORDER BY 1`,
        organizationId,
        member.roleIds,
      );
      return { ...member, slugs: slugs.map((row) => row.slug).sort() };
    },
    entities: () =>
      rows(
        `SELECT kind, subject_id, state, reason, pushed_version < local_version AS pending, next_attempt_at
           FROM rolecall.sync_entities WHERE organization_id = $1 ORDER BY kind, subject_id`,
        organizationId,
      ),
    rows,
    rolesThere,
    close: async () => {
      await workos.close();
      await simulator.close();
      await test.close();
    },
  };
}
