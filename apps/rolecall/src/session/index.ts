/** What a command works with: its streams, its configuration and the Rolecall it talks to. */
export { type Bind, createBind } from './bind.ts';
export { type Outcome, type Session, type World } from './session.ts';
