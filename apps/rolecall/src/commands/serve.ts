import { type Command, Option } from 'commander';
import type { ServeOptions } from '../process/index.ts';
import type { Bind } from '../session/index.ts';

/** `rolecall serve`: the API on a PostgreSQL that is there. */
export function addServeCommand(program: Command, bind: Bind): void {
  program
    .command('serve')
    .description('run the API on DATABASE_URL, and keep WorkOS equal; as many processes as needed')
    .option('--port <port>', 'listen on this port, 0 for any free one (PORT; default: 4000)')
    .option('--host <address>', 'listen on this address (HOST; default: 127.0.0.1)')
    .option('--config <file>', 'the configuration file (default: rolecall.config.ts)')
    .option(
      '--runner <name>',
      'postgres, or temporal at TEMPORAL_ADDRESS (ROLECALL_RUNNER; default: postgres)',
    )
    .option('--migrate', 'bring the schema up to date first')
    .option('--workers <n>', 'answer in this many processes (ROLECALL_WORKERS; default: 1)')
    .addOption(new Option('--as-worker <number>', 'be one of several').hideHelp())
    .action(
      bind(async (session, _args: readonly [], options: ServeOptions) => {
        const { serve } = await import('../process/index.ts');
        return serve(session, options);
      }),
    );
}
