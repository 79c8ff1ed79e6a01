import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRolecall } from '@rolecall/server';
import { seedMany } from '@rolecall/testkit';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration, summarise } from '../measure.ts';
import { type Sighting, type Watch } from '../servers/revoke-watch.ts';
import { atMost } from '../target.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** How long after its commit a revocation is enforced on every node. */
export const revoke: Suite = { name: 'revoke', title: 'A revocation reaches ten nodes', run };

const NODES = 10;
const ORGANIZATIONS = 10;

async function run({ small }: RunOptions): Promise<Findings> {
  const trials = small ? 30 : 1_000;
  const postgres = await startBenchDatabase({ durable: true });
  const nodes: ChildProcess[] = [];
  try {
    const ids = await seedMany(postgres.url, {
      organizations: ORGANIZATIONS,
      membersPerOrganization: Math.ceil(trials / ORGANIZATIONS) + 2,
      rolesPerOrganization: 2,
    });
    for (let node = 0; node < NODES; node += 1) nodes.push(startNode(postgres.url));
    await Promise.all(nodes.map((node) => said(node)));
    const rolecall = createRolecall({ database: postgres.open(4) });
    const afterCommit: number[] = [];
    const slowest: number[] = [];
    const commands: number[] = [];
    for (let trial = 0; trial < trials; trial += 1) {
      const organization = 1 + (trial % ORGANIZATIONS);
      const member = 2 + Math.floor(trial / ORGANIZATIONS);
      // With two roles, the seed gives each member the one after its number; the other one is left.
      const held = 1 + ((member + 1) % 2);
      const organizationId = ids.organization(organization);
      const userId = ids.user(organization, member);
      const watch: Watch = {
        organizationId,
        principal: `user:${userId}`,
        project: ids.project(held, 1),
      };
      for (const node of nodes) node.send(watch);
      await Promise.all(nodes.map((node) => said(node)));
      const denials = Promise.all(nodes.map((node) => said(node)));
      const sent = process.hrtime.bigint();
      await rolecall.roles.setMemberRoles(organizationId, {
        userId,
        roleIds: [ids.role(organization, 3 - held)],
      });
      const committed = process.hrtime.bigint();
      commands.push(Number(committed - sent) / 1000);
      const micros = (await denials).map((sighting) => {
        if (typeof sighting !== 'object') throw new Error('a node allows what it denied');
        // A node may have heard before the writer did.
        return Math.max(0, Number(BigInt(sighting.deniedAt) - committed) / 1000);
      });
      afterCommit.push(...micros);
      slowest.push(Math.max(...micros));
    }
    await rolecall.close();
    const each = summarise(afterCommit);
    const last = summarise(slowest);
    const command = summarise(commands);
    return {
      method:
        `A member of an organization loses a role, by the command, on a PostgreSQL that waits for its disk. ` +
        `${NODES} nodes, each a process with its own connections, have the member in memory and ask every ` +
        'millisecond until they deny. The time is from the answer to the commit, as the writer sees it, to the ' +
        'denial; a node that denies before the writer hears counts as zero.',
      columns: ['', 'median', 'p99', 'of'],
      rows: [
        [
          'denied, each node',
          duration(each.median),
          duration(each.p99),
          `${count(each.count)} denials`,
        ],
        [
          'denied, the slowest of ten',
          duration(last.median),
          duration(last.p99),
          `${count(last.count)} revocations`,
        ],
        [
          'the command itself',
          duration(command.median),
          duration(command.p99),
          count(command.count),
        ],
      ],
      targets: [
        atMost(`revoke: commit → denied on ${NODES} nodes, p99`, each.p99, 10_000, {
          show: duration,
          why: `All ${NODES} nodes, the writer and PostgreSQL share the cores of this machine: a node that is told waits for its turn and reads the principal again.`,
        }),
      ],
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    for (const node of nodes) node.disconnect();
    await postgres.close();
  }
}

function startNode(url: string): ChildProcess {
  return fork(new URL('../servers/revoke-node.ts', import.meta.url), [url], { execArgv: [] });
}

async function said(node: ChildProcess): Promise<Sighting> {
  const [sighting] = (await once(node, 'message')) as [Sighting];
  return sighting;
}
