import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createRolecall } from '@rolecall/server';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration } from '../measure.ts';
import { type Findings, type Suite } from './index.ts';

/** Whole matrices, real and large, in one transaction each. */
export const importRate: Suite = { name: 'import', title: 'Importing an organization', run };

interface Document {
  readonly organization: { readonly id: string; readonly name: string };
  readonly roles: readonly {
    readonly key: string;
    readonly name: string;
    readonly grants: readonly {
      readonly scope: string;
      readonly selectors: readonly {
        readonly resource_kind: string;
        readonly resource_id: string;
      }[];
    }[];
  }[];
  readonly members: readonly {
    readonly id: string;
    readonly email: string;
    readonly name: string;
    readonly roles: readonly string[];
  }[];
}

const context = { actor: 'system' } as const;

async function run(): Promise<Findings> {
  const postgres = await startBenchDatabase({ durable: true });
  const rolecall = createRolecall({ database: postgres.open(4) });
  try {
    const documents = [
      ...['hc', 'domino', 'emea', 'fire1', 'apj'].map(readMatrix),
      largeDocument(),
    ];
    const rows: string[][] = [];
    for (const document of documents) {
      const id = document.organization.id;
      await rolecall.roles.createOrganization({ id, name: document.organization.name }, context);
      const first = await timed(() => importOnce(id, document));
      const again = await timed(() => importOnce(id, document));
      const assignments = document.members.reduce((sum, member) => sum + member.roles.length, 0);
      const grants = document.roles.reduce(
        (sum, role) => sum + role.grants.reduce((n, grant) => n + grant.selectors.length, 0),
        0,
      );
      const written = document.members.length + document.roles.length + assignments + grants;
      rows.push([
        id,
        count(document.members.length),
        count(assignments),
        count(grants),
        duration(first),
        count(written / (first / 1e6)),
        duration(again),
      ]);
    }
    return {
      method:
        'Each document is validated and written in one transaction, with audit event and change record, on ' +
        'a PostgreSQL that waits for its disk; then once more, when it changes nothing. The last is made ' +
        'for the purpose: 10,000 members who hold 45,000 assignments.',
      columns: [
        'document',
        'members',
        'assignments',
        'grants',
        'first import',
        'rows per second',
        'again',
      ],
      rows,
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await rolecall.close();
    await postgres.close();
  }

  function importOnce(id: string, document: Document): Promise<unknown> {
    return rolecall.roles.importOrganization(id, document, context);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) * 1000;
}

function readMatrix(name: string): Document {
  const file = join(import.meta.dirname, '../../../examples/data', `${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Document;
}

function largeDocument(): Document {
  const roles = Array.from({ length: 200 }, (_, role) => ({
    key: `role-${String(role)}`,
    name: `Role ${String(role)}`,
    grants: [
      {
        scope: 'project:read',
        selectors: Array.from({ length: 50 }, (__, project) => ({
          resource_kind: 'project',
          resource_id: `project-${String((role * 37 + project) % 5000)}`,
        })),
      },
    ],
  }));
  const members = Array.from({ length: 10_000 }, (_, member) => ({
    id: `large-${String(member)}`,
    email: `person${String(member)}@large.example`,
    name: `Person ${String(member)}`,
    roles: Array.from(
      { length: 4 + (member % 2) },
      (__, nth) => `role-${String((member * 13 + nth * 41) % 200)}`,
    ),
  }));
  return { organization: { id: 'large', name: 'large' }, roles, members };
}
