/*
 * npm run temporal:record: runs the workflows as they are now on a Temporal of its own, with activities that answer what
 * each situation calls for, and keeps the histories. What was recorded before stays: older histories must be replayed
 * by newer workflows.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { WAKE, workflowTypes } from '../../src/names.ts';
import { workflowBundle } from '../../src/workflow-code.ts';
import type { WorkResult } from '../../src/workflows/keep-working.ts';
import { startTemporalServer } from '../server/start.ts';
import { VERSION, folder } from './histories.ts';

type Answers = readonly WorkResult[];

const drained: WorkResult = { result: 'drained', againInMs: null };
const unlinked: WorkResult = { result: 'not_linked', againInMs: null };
const soon: WorkResult = { result: 'drained', againInMs: 100 };
const LONG = 200;

interface Situation {
  readonly type: string;
  readonly args: readonly string[];
  readonly answers: Answers;
  /** After how many milliseconds it is woken, each time since the last. */
  readonly wakes: readonly number[];
  readonly workMs?: number;
}

const organization = { type: workflowTypes.organization, args: ['acme'] };

const situations: Readonly<Record<string, Situation>> = {
  'organization-woken': { ...organization, answers: [drained, unlinked], wakes: [500] },
  'organization-due': { ...organization, answers: [soon, unlinked], wakes: [] },
  'organization-woken-before-it-is-due': {
    ...organization,
    answers: [{ result: 'busy', againInMs: 60_000 }, unlinked],
    wakes: [500],
  },
  'organization-woken-while-working': {
    ...organization,
    answers: [unlinked, unlinked],
    wakes: [500],
    workMs: 1_000,
  },
  'organization-told-to-wait': {
    ...organization,
    answers: [{ result: 'failed', againInMs: 1_000, firm: true }, unlinked],
    wakes: [300, 100],
  },
  'organization-cut-short': {
    ...organization,
    answers: [{ result: 'stopped', againInMs: 50 }, unlinked],
    wakes: [],
  },
  'organization-long': {
    ...organization,
    answers: [...Array.from({ length: LONG }, () => ({ ...soon, againInMs: 1 })), unlinked],
    wakes: [],
  },
  environment: {
    type: workflowTypes.environment,
    args: [],
    answers: [drained, unlinked],
    wakes: [500],
  },
  timed: { type: workflowTypes.timed, args: ['sweep'], answers: [], wakes: [] },
};

const server = await startTemporalServer();
const connection = await NativeConnection.connect({ address: server.address });
const client = new Client({ connection });
mkdirSync(folder, { recursive: true });
for (const [name, situation] of Object.entries(situations)) {
  const file = join(folder, `${VERSION}-${name}.json.gz`);
  if (existsSync(file)) continue;
  writeFileSync(file, gzipSync(await record(name, situation)));
  process.stdout.write(`${file}\n`);
}
await connection.close();
await server.close();

/** Plays a situation and yields the history of its first run. */
async function record(name: string, situation: Situation): Promise<string> {
  const { type, args, answers, wakes, workMs = 0 } = situation;
  const left = [...answers];
  const answer = async (): Promise<WorkResult> => {
    await sleep(workMs);
    return left.shift() ?? unlinked;
  };
  const worker = await Worker.create({
    connection,
    taskQueue: name,
    identity: 'recorded',
    workflowBundle: await workflowBundle(),
    activities: { drain: answer, pull: answer, keepTime: () => Promise.resolve() },
  });
  return worker.runUntil(async () => {
    const handle = await client.workflow.start(type, {
      workflowId: name,
      taskQueue: name,
      args: [...args],
    });
    for (const ms of wakes) {
      await sleep(ms);
      await handle.signal(WAKE);
    }
    await handle.result();
    return historyOf(handle);
  });
}

/** Who recorded it, and where, says nothing. */
async function historyOf({ workflowId, firstExecutionRunId }: StartedHandle): Promise<string> {
  const history = await client.workflow.getHandle(workflowId, firstExecutionRunId).fetchHistory();
  return historyToJSON(history).replaceAll(/"identity":\s*"[^"]*"/g, '"identity": "recorded"');
}

type StartedHandle = WorkflowHandle & { readonly firstExecutionRunId: string };
