import { expect, it } from 'vitest';
import { checkRunner } from './doctor/index.ts';
import { readConfig } from './config.ts';
import { exitCodes } from './exit-codes.ts';
import { requireRunner } from './process/runner.ts';
import { loadTemporal } from './temporal.ts';
import { version } from './version.ts';

const nobody = readConfig({}, { ROLECALL_RUNNER: 'temporal', TEMPORAL_ADDRESS: '127.0.0.1:1' });

it('says how to install the runner that is not there', async () => {
  const missing = Object.assign(new Error("Cannot find package '@temporalio/worker'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  await expect(loadTemporal(() => Promise.reject(missing))).rejects.toMatchObject({
    exitCode: exitCodes.usage,
    code: 'temporal_not_installed',
    advice: `install it with: npm install @rolecall/temporal-runner@${version}`,
  });
});

it('takes no other failure for a missing runner', async () => {
  const broken = new Error('it is broken');
  await expect(loadTemporal(() => Promise.reject(broken))).rejects.toBe(broken);
});

it('names the address where no Temporal answers', async () => {
  await expect(requireRunner(nobody)).rejects.toMatchObject({
    exitCode: exitCodes.unreachable,
    code: 'temporal_unreachable',
    message: 'no Temporal with the namespace `default` answers at `127.0.0.1:1`',
  });
});

it('asks for nothing where PostgreSQL alone wakes the work up', async () => {
  await requireRunner(readConfig({}, {}));
  expect(await checkRunner(readConfig({}, {}))).toEqual({
    name: 'runner',
    status: 'ok',
    message: 'postgres',
  });
});

it('shows in doctor that no Temporal answers, and that nothing is lost', async () => {
  expect(await checkRunner(nobody)).toMatchObject({
    status: 'fail',
    message:
      'Temporal at 127.0.0.1:1, namespace default does not answer: what is to be done waits in PostgreSQL',
  });
});
