/**
 * A node in a process of its own. Told whom to watch, it asks every millisecond until the answer is no, and
 * says when that was, by the clock that all processes of the machine share.
 */
import { builtinPolicy } from '@rolecall/policy';
import { openDatabase } from '@rolecall/server/database';
import { createAccess } from '../../../packages/server/src/access/index.ts';
import { type Sighting, type Watch } from './revoke-watch.ts';

const [url = ''] = process.argv.slice(2);
const access = createAccess({
  database: openDatabase({ url, maxConnections: 2 }),
  policy: builtinPolicy,
});
await access.start();
process.on('message', (watch: Watch) => {
  ask(watch, true);
});
process.on('disconnect', () => process.exit(0));
say('ready');

function ask(watch: Watch, first: boolean): void {
  access.principal(watch.organizationId, watch.principal).then(
    (handle) => {
      if (!handle.can('project:read', watch.project)) {
        say({ deniedAt: process.hrtime.bigint().toString() });
        return;
      }
      if (first) say('allowed');
      setTimeout(ask, 1, watch, false);
    },
    (error: unknown) => {
      throw error;
    },
  );
}

function say(sighting: Sighting): void {
  process.send?.(sighting);
}
