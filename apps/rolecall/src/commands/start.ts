import type { Command } from 'commander';
import type { StartOptions } from '../process/index.ts';
import type { Bind } from '../session/index.ts';

/** `rolecall start`: everything in one process, with a PostgreSQL of its own. */
export function addStartCommand(program: Command, bind: Bind): void {
  program
    .command('start')
    .description(
      'run everything: a PostgreSQL (or DATABASE_URL), a simulated WorkOS (or WORKOS_API_KEY), the API',
    )
    .option('--port <port>', 'listen on this port, 0 for any free one (PORT; default: 4000)')
    .option('--host <address>', 'listen on this address (HOST; default: 127.0.0.1)')
    .option('--data-dir <folder>', 'keep the data here (ROLECALL_DATA_DIR; default: .rolecall)')
    .option('--config <file>', 'the configuration file (default: rolecall.config.ts)')
    .option(
      '--runner <name>',
      'postgres, or temporal at TEMPORAL_ADDRESS (ROLECALL_RUNNER; default: postgres)',
    )
    .action(
      bind(async (session, _args: readonly [], options: StartOptions) => {
        const { start } = await import('../process/index.ts');
        return start(session, options);
      }),
    );
}
