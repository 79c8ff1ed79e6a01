/** `rolecall sync …`: how keeping WorkOS equal is doing, what differs, and what a person decides about it. */
import type { Command } from 'commander';
import type { Bind } from '../../session/index.ts';
import { addBackfillCommand } from './backfill.ts';
import { addCompareCommands } from './compare.ts';
import { addEntityCommands } from './entities.ts';
import { addEventCommands } from './events.ts';
import { addSettingsCommands } from './settings.ts';
import { addStatusCommand } from './status.ts';

/** `rolecall sync …` */
export function addSyncCommand(program: Command, bind: Bind): void {
  const sync = program.command('sync').helpCommand(false).description('keeping WorkOS equal');
  addStatusCommand(sync, bind);
  addCompareCommands(sync, bind);
  addBackfillCommand(sync, bind);
  addEntityCommands(sync, bind);
  addEventCommands(sync, bind);
  addSettingsCommands(sync, bind);
}
