import { runProgram } from '../../server/src/sync/test/runner-program.ts';
import { temporalRunner } from '../src/index.ts';

const [address = '', bundlePath = ''] = process.argv.slice(5);
const connection = { address, namespace: 'default' };

await runProgram(temporalRunner({ connection, bundlePath, schedules: false }));
