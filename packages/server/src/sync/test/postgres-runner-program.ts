import { createPostgresRunner } from '../runner/index.ts';
import { runProgram } from './runner-program.ts';

/** Nobody but the end of a lease tells this runner that a worker was killed. */
const LEASE_MS = 2_000;

await runProgram((ground) => createPostgresRunner({ ...ground, timers: false, leaseMs: LEASE_MS }));
