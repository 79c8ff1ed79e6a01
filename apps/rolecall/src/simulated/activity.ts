import { announcedOrganization } from '@rolecall/server';
import { openOwnConnection } from '@rolecall/server/database';
import type { Wired } from '../wire.ts';

/** Something that went from one side to the other, as a person reads it. */
export interface Activity {
  readonly way: 'to_workos' | 'from_workos';
  readonly what: string;
  readonly detail: string;
}

const TIMEOUT_MS = 5_000;
const PAGE = 20;

/**
 * Tells what goes to and fro while a demonstration runs: each write that was sent, and each entry that the
 * history has from WorkOS. For people who watch; what is missed while the database is away is not told.
 */
export async function tellActivity(
  { roles, sync }: Pick<Wired, 'roles' | 'sync'>,
  databaseUrl: string,
  tell: (activity: Activity) => void,
): Promise<() => void> {
  const connection = await openOwnConnection({
    url: databaseUrl,
    applicationName: 'rolecall activity',
    timeoutMs: TIMEOUT_MS,
  });
  const stopListening = sync?.listen({
    called: ({ call, outcome, tookMs }) => {
      if (call.startsWith('GET ')) return;
      const detail = outcome === 'ok' ? `${tookMs.toFixed(0)} ms` : outcome;
      tell({ way: 'to_workos', what: call, detail });
    },
  });
  const history = new History(roles, tell);
  await connection.listen('rolecall', (notification) => {
    history.look(announcedOrganization(notification));
  });
  return () => {
    stopListening?.();
    connection.close();
  };
}

/** What the history of each organization has from WorkOS, told once and in order. */
class History {
  readonly #roles: Wired['roles'];
  readonly #tell: (activity: Activity) => void;
  readonly #since = new Date().toISOString();
  readonly #told = new Map<string, number>();
  #looking: Promise<void> = Promise.resolve();

  constructor(roles: Wired['roles'], tell: (activity: Activity) => void) {
    this.#roles = roles;
    this.#tell = tell;
  }

  look(organizationId: string): void {
    this.#looking = this.#looking
      .then(() => this.#read(organizationId))
      // Who watches a demonstration misses a line; nothing else rests on it.
      .catch(() => undefined);
  }

  async #read(organizationId: string): Promise<void> {
    const { data } = await this.#roles.listAuditEvents(organizationId, {
      actor: 'workos',
      since: this.#since,
      limit: PAGE,
    });
    const told = this.#told.get(organizationId) ?? 0;
    for (const event of data.toReversed()) {
      if (event.sequence <= told) continue;
      this.#told.set(organizationId, event.sequence);
      this.#tell({
        way: 'from_workos',
        what: `${organizationId}  ${event.action}`,
        detail: subjectOf(event.subject, event.after),
      });
    }
  }
}

/** A role is named as people know it, everything else by its subject. */
function subjectOf(subject: string, after: unknown): string {
  const name = typeof after === 'object' && after !== null && 'name' in after ? after.name : null;
  return typeof name === 'string' ? `${name} (${subject})` : subject;
}
