import type { Command } from 'commander';
import type { WorkerOptions } from '../process/index.ts';
import type { Bind } from '../session/index.ts';

/** `rolecall worker`: what keeps WorkOS equal, without the API. */
export function addWorkerCommand(program: Command, bind: Bind): void {
  program
    .command('worker')
    .description('keep WorkOS equal on DATABASE_URL, without the API; as many processes as needed')
    .option('--port <port>', 'answer /healthz, /readyz and /metrics on this port (default: none)')
    .option('--host <address>', 'listen on this address (HOST; default: 127.0.0.1)')
    .option('--config <file>', 'the configuration file (default: rolecall.config.ts)')
    .option(
      '--runner <name>',
      'postgres, or temporal at TEMPORAL_ADDRESS (ROLECALL_RUNNER; default: postgres)',
    )
    .action(
      bind(async (session, _args: readonly [], options: WorkerOptions) => {
        const { worker } = await import('../process/index.ts');
        return worker(session, options);
      }),
    );
}
