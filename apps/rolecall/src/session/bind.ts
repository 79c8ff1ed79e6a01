import { Command } from 'commander';
import {
  createSession,
  type GlobalOptions,
  type Outcome,
  type Session,
  type World,
} from './session.ts';

/**
 * What a command does, given the session, its arguments and its options. The types of the last two are
 * the command's to know: it declares them to commander, and commander keeps to that.
 */
export type Work = (session: Session, args: never, options: never) => Promise<Outcome>;

/** Makes the action of a command from what it does. */
export type Bind = (work: Work) => (...given: unknown[]) => Promise<void>;

/** Binds commands to a world; `finish` hears how the command that ran has ended. */
export function createBind(world: World, finish: (outcome: Outcome) => void): Bind {
  return (work) =>
    // Commander calls an action with each argument, then the options, then the command.
    async (...given) => {
      const command = given.at(-1);
      if (!(command instanceof Command))
        throw new TypeError('an action is called with its command');
      const session = createSession(world, command.optsWithGlobals<GlobalOptions>());
      finish(await work(session, given.slice(0, -2) as never, command.opts<never>()));
    };
}
