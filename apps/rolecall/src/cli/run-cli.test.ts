import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.ts';
import { version } from '../version.ts';
import { runCli } from './run-cli.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

// Nothing listens on the first port.
const nowhere = { ROLECALL_URL: 'http://127.0.0.1:1', ROLECALL_API_KEY: 'k' };

async function run(
  args: readonly string[],
  environment: Record<string, string> = nowhere,
): Promise<Run> {
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: process.stdin,
    directory: '.',
    environment,
  });
  return { code, out, err };
}

describe('rolecall', () => {
  it('shows its help when it is called with nothing', async () => {
    const { code, out } = await run([]);
    expect(code).toBe(exitCodes.done);
    expect(out).toContain('Usage: rolecall');
    expect(out).toContain('Exit codes:');
  });

  it('has the version of its package', async () => {
    const file = join(import.meta.dirname, '../../package.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version });
    expect((await run(['--version'])).out).toBe(`${version}\n`);
  });

  it.each([
    ['an unknown command', ['strat'], 'Did you mean start?'],
    ['an unknown option', ['org', 'list', '--serach', 'x'], '--search'],
    ['a missing argument', ['check', 'acme'], "missing required argument 'principal'"],
    ['a value that is not one of those there are', ['org', 'enforcement', 'a', 'on'], 'enforced'],
    ['a limit that is none', ['org', 'list', '--limit', '0'], 'from 1 to 1000'],
    ['a group without its command', ['roles'], 'Usage: rolecall roles'],
  ])('takes %s for wrong usage', async (_, args, words) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: exitCodes.usage, out: '' });
    expect(err).toContain(words);
  });

  it('says wrong usage as JSON too', async () => {
    const { code, out, err } = await run(['check', '--json']);
    expect({ code, err }).toEqual({ code: exitCodes.usage, err: '' });
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'usage', exit_code: 2 } });
  });

  it('says that nothing answers, and what to do', async () => {
    const { code, err } = await run(['org', 'list']);
    expect(code).toBe(exitCodes.unreachable);
    expect(err).toContain('no Rolecall answers at http://127.0.0.1:1');
    expect(err).toContain('npm start');
  });

  it('accepts the options of every command before and after its name', async () => {
    const after = await run(['org', 'list', '--json', '--url', 'http://127.0.0.1:2'], {});
    const before = await run(['--json', '--url', 'http://127.0.0.1:2', 'org', 'list'], {});
    expect(JSON.parse(after.out)).toMatchObject({ error: { code: 'unreachable' } });
    expect(before).toEqual(after);
  });

  it('names the variable that is wrong', async () => {
    const { code, err } = await run(['org', 'list'], { ROLECALL_URL: 'localhost:4000' });
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('ROLECALL_URL: `localhost:4000` is not a URL');
  });

  it('refuses to serve without a database', async () => {
    const { code, err } = await run(['serve'], {});
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('DATABASE_URL');
  });
});

describe('rolecall, when something else answers', () => {
  let url: string;
  const answers = new Map<string, { status: number; body: string }>();
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '') ?? { status: 200, body: '<html></html>' };
    response.writeHead(answer.status).end(answer.body);
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('says so when it is no Rolecall', async () => {
    const { code, err } = await run(['org', 'list'], { ROLECALL_URL: url });
    expect(code).toBe(exitCodes.unreachable);
    expect(err).toContain(`what answers at ${url} is not a Rolecall`);
  });

  it.each([
    [401, 'unauthenticated', exitCodes.notAuthorized],
    [404, 'organization_not_found', exitCodes.refused],
    [503, 'database_unavailable', exitCodes.unreachable],
    [500, 'internal', exitCodes.defect],
  ])('turns the status %i into an exit code', async (status, code, exitCode) => {
    answers.set('/v1/organizations/acme', {
      status,
      body: JSON.stringify({ code, detail: 'in words', request_id: 'r1' }),
    });
    const result = await run(['org', 'get', 'acme', '--json'], { ROLECALL_URL: url });
    expect(result.code).toBe(exitCode);
    expect(JSON.parse(result.out)).toMatchObject({ error: { code, message: 'in words' } });
  });
});
