import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalPostgres } from '@rolecall/local-postgres';
import { runMigrations } from '@rolecall/server/database';
import { type TestProject } from 'vitest/node';
import { connectAdmin, databaseUrl, quoteIdentifier } from './admin-connection.ts';
import { installEmptying } from './emptying.ts';
import { type TestServer } from './test-server.ts';

/**
 * Runs once before the tests of a whole run: starts a throw-away PostgreSQL (with the programs of another
 * version, when ROLECALL_TEST_POSTGRES_BINARIES says where they are), or uses the one that
 * ROLECALL_TEST_DATABASE_URL names, and migrates the database that every test database is a copy of.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['ROLECALL_TEST_DATABASE_URL'];
  const server =
    given === undefined ? await startThrowAway() : { url: given, stop: () => dropAll(given) };
  try {
    project.provide('rolecallTestServer', await prepareTemplate(server.url));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server.stop;
}

/** Databases of this run begin with this, so that two runs can share a server. */
const PREFIX = `rolecall_test_${process.pid}_`;

const THROW_AWAY = {
  // As on a real server, VACUUM then sees at once what was committed; without fsync it costs nothing.
  synchronous_commit: 'on',
  // Databases live for seconds here. What a test needs vacuumed or analyzed it asks for.
  autovacuum: 'off',
  // Making a database writes out everything already.
  checkpoint_timeout: '1h',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

async function startThrowAway(): Promise<{ url: string; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'rolecall-test-'));
  const binaries = process.env['ROLECALL_TEST_POSTGRES_BINARIES'];
  const postgres = await startLocalPostgres({
    directory,
    durable: false,
    settings: THROW_AWAY,
    ...(binaries !== undefined && { binaries }),
  });
  const stop = async (): Promise<void> => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { url: postgres.url, stop };
}

async function prepareTemplate(url: string): Promise<TestServer> {
  const template = `${PREFIX}template`;
  const admin = await connectAdmin(url);
  try {
    // The C.UTF-8 ctype knows the letters of every script, which member search needs.
    await admin.query(
      `CREATE DATABASE ${quoteIdentifier(template)} TEMPLATE template0 ENCODING 'UTF8'`,
    );
    await runMigrations(databaseUrl(url, template));
    const client = await connectAdmin(databaseUrl(url, template));
    await installEmptying(client).finally(() => client.end());
    return { url, template, prefix: PREFIX };
  } finally {
    await admin.end();
  }
}

/** Drops what this run has made on a server that stays. */
async function dropAll(url: string): Promise<void> {
  const admin = await connectAdmin(url);
  try {
    const { rows } = await admin.query<{ readonly datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [PREFIX],
    );
    for (const { datname } of rows) {
      await admin.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(datname)} WITH (FORCE)`);
    }
  } finally {
    await admin.end();
  }
}
