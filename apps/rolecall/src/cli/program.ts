import { Command } from 'commander';
import {
  addAccessCommands,
  addDecisionsCommand,
  addAuditCommand,
  addDoctorCommand,
  addImportCommand,
  addKeysCommand,
  addLegacyCommands,
  addMembersCommand,
  addMigrateCommand,
  addOrgCommand,
  addRolesCommand,
  addServeCommand,
  addStartCommand,
  addSyncCommand,
  addWorkerCommand,
} from '../commands/index.ts';
import { exitCodeMeanings } from '../exit-codes.ts';
import { createOutput } from '../output/index.ts';
import { createBind, type Outcome, type World } from '../session/index.ts';
import { version } from '../version.ts';

/** Who hears what the program does beyond its output. */
export interface Listener {
  /** How the command that ran has ended. */
  readonly finished: (outcome: Outcome) => void;
  /** What commander has to say about wrong usage. */
  readonly complained: (text: string) => void;
}

/** The command line, complete. It throws where commander by itself would end the process. */
export function createProgram(world: World, listener: Listener): Command {
  const { style, width } = createOutput(world.stdout, world.stderr, false);
  const program = new Command('rolecall')
    .description('The authority for who may do what: roles, grants and checks on PostgreSQL')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .option('--json', 'answer with one JSON document, errors included')
    .option('--url <url>', 'the Rolecall to talk to (ROLECALL_URL)')
    .option('--key <key>', 'its API key (ROLECALL_API_KEY)')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: listener.complained,
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      // What is styled is meant for the screen that it is shown on.
      stripColor: (text) => text,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: style.bold,
      subcommandTerm: (command) => command.name(),
    })
    .addHelpText('after', `\n${style.bold('Exit codes:')}\n${exitCodeLines()}\n`);
  const bind = createBind(world, listener.finished);
  program.commandsGroup('Run it:');
  addStartCommand(program, bind);
  addServeCommand(program, bind);
  addWorkerCommand(program, bind);
  addMigrateCommand(program, bind);
  addDoctorCommand(program, bind);
  program.commandsGroup('Ask:');
  addAccessCommands(program, bind);
  addDecisionsCommand(program, bind);
  program.commandsGroup('Keep:');
  addImportCommand(program, bind);
  addOrgCommand(program, bind);
  addRolesCommand(program, bind);
  addMembersCommand(program, bind);
  addKeysCommand(program, bind);
  addSyncCommand(program, bind);
  addAuditCommand(program, bind);
  addLegacyCommands(program, bind);
  return program;
}

function exitCodeLines(): string {
  return exitCodeMeanings
    .map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)
    .join('\n');
}
