import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { readConfig } from './config.ts';
import { exitCodes } from './exit-codes.ts';

function failureOf(work: () => unknown): CliError {
  try {
    work();
  } catch (error) {
    if (error instanceof CliError) return error;
  }
  throw new Error('it did not throw a CliError');
}

describe('readConfig', () => {
  it('binds to loopback and uses the embedded database when nothing is set', () => {
    expect(readConfig({}, {})).toEqual({
      databaseUrl: undefined,
      dataDirectory: resolve('.rolecall'),
      host: '127.0.0.1',
      port: 4000,
      apiKey: undefined,
      workos: undefined,
      runner: { kind: 'postgres' },
      url: undefined,
      memory: { maxBytes: 256 * 1024 * 1024, boundMs: 2_000, pollIntervalMs: undefined },
      pooler: 'none',
      workers: 1,
      logLevel: undefined,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({}, { PORT: '', DATABASE_URL: '', LOG_LEVEL: '' }).port).toBe(4000);
  });

  it('lets an option go before its variable', () => {
    const overrides = { PORT: { option: '--port', value: '5000' } };
    expect(readConfig(overrides, { PORT: '4100' }).port).toBe(5000);
  });

  it('names every wrong variable at once', () => {
    const failure = failureOf(() => readConfig({}, { PORT: '70000', LOG_LEVEL: 'loud' }));
    expect(failure.exitCode).toBe(exitCodes.usage);
    expect(failure.code).toBe('invalid_configuration');
    expect(failure.problems).toEqual([
      {
        path: 'PORT',
        message: '`70000` is not a port: a number from 0 to 65535, 0 for any free one',
      },
      {
        path: 'LOG_LEVEL',
        message: '`loud` is not one of trace, debug, info, warn, error, fatal, silent',
      },
    ]);
  });

  it('names the option when the option is wrong', () => {
    const overrides = { PORT: { option: '--port', value: 'http' } };
    expect(failureOf(() => readConfig(overrides, {})).problems[0]?.path).toBe('--port');
  });

  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2@localhost/db'],
    ['ROLECALL_API_KEY', 'hunter2 with a space'],
    ['WORKOS_API_KEY', 'hunter2 with a space'],
    ['WORKOS_WEBHOOK_SECRET', 'hunter2 with a space'],
  ])('never repeats a wrong %s', (name, value) => {
    const failure = failureOf(() => readConfig({}, { [name]: value }));
    expect(failure.problems).toMatchObject([{ path: name }]);
    expect(JSON.stringify([failure.message, failure.problems])).not.toContain('hunter2');
  });

  it('knows WorkOS by its key, and takes two secrets while they are being changed', () => {
    expect(readConfig({}, { WORKOS_WEBHOOK_SECRET: 'alone' }).workos).toBeUndefined();
    const given = {
      WORKOS_API_KEY: 'sk_test_1',
      WORKOS_API_URL: 'http://127.0.0.1:4100/',
      WORKOS_WEBHOOK_SECRET: 'old,new',
      WORKOS_CLIENT_ID: 'client_01ABC',
    };
    expect(readConfig({}, given).workos).toEqual({
      apiKey: 'sk_test_1',
      apiUrl: 'http://127.0.0.1:4100',
      webhookSecrets: ['old', 'new'],
      clientId: 'client_01ABC',
    });
  });

  it('refuses an address of WorkOS with a path', () => {
    const failure = failureOf(() => readConfig({}, { WORKOS_API_URL: 'http://proxy.test/workos' }));
    expect(failure.problems[0]?.path).toBe('WORKOS_API_URL');
  });

  it('takes the slashes from the end of an address', () => {
    expect(readConfig({}, { ROLECALL_URL: 'https://roles.example//' }).url).toBe(
      'https://roles.example',
    );
  });
});

describe('the runner', () => {
  const temporal = { ROLECALL_RUNNER: 'temporal' };

  it('is found on this machine when only its name is set', () => {
    expect(readConfig({}, temporal).runner).toEqual({
      kind: 'temporal',
      connection: { address: '127.0.0.1:7233', namespace: 'default' },
      taskQueue: undefined,
    });
  });

  it('is reached with a key, which is never repeated', () => {
    const { runner } = readConfig({}, { ...temporal, TEMPORAL_API_KEY: 'secret' });
    expect(runner).toMatchObject({ connection: { apiKey: 'secret' } });
    const failure = failureOf(() => readConfig({}, { ...temporal, TEMPORAL_API_KEY: 'se cret' }));
    expect(JSON.stringify(failure.problems)).not.toContain('se cret');
  });

  it('is reached with certificates that are read from their files', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rolecall-pem-')), 'a.pem');
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\n');
    const { runner } = readConfig({}, { ...temporal, TEMPORAL_TLS_SERVER_CA_CERT_PATH: file });
    expect(runner).toMatchObject({ connection: { tls: { serverCa: readFileSync(file, 'utf8') } } });
  });

  it('is refused when what it is reached with cannot be read', () => {
    const failure = failureOf(() =>
      readConfig({}, { ROLECALL_RUNNER: 'cron', TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere.pem' }),
    );
    expect(failure.problems).toEqual([
      { path: 'ROLECALL_RUNNER', message: '`cron` is neither `postgres` nor `temporal`' },
      {
        path: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
        message: '`/nowhere.pem` is not the path of a PEM file',
      },
    ]);
  });
});
