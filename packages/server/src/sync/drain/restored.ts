import { type Db } from '../../database/index.ts';
import { isWorkosFailure, type WorkosPort } from '../../workos/index.ts';
import { unlessGone } from '../converge/index.ts';
import {
  type DatabaseMark,
  noteMarked,
  noteRestored,
  type OwnMark,
  readOwnMark,
} from './restored-store.ts';

/** An organization on both sides. */
interface Both {
  readonly organizationId: string;
  readonly workosId: string;
}

const KEY = 'rolecall';

/**
 * Notices a database that was restored from a backup, and a copy of another one, before it sends anything: by a
 * mark in the metadata of each organization in WorkOS, which says which database was here and how far it was.
 * INVARIANT (restored database): nothing is sent while the mark shows another database or a later revision, until
 * a person has confirmed. One for each process; asked again whenever the server behind the database changes.
 */
export class RestoreGuard {
  readonly #db: Db;
  readonly #port: WorkosPort;
  readonly #compared = new Map<string, string>();

  constructor(db: Db, port: WorkosPort) {
    this.#db = db;
    this.#port = port;
  }

  /** Compares the mark of an organization, once; a database that is not the one it was is noted. */
  async compare({ organizationId, workosId }: Both): Promise<void> {
    const here = await readOwnMark(this.#db, organizationId);
    if (here === undefined || this.#compared.get(organizationId) === here.instance) return;
    const remote = await unlessGone(() => this.#port.getOrganization(workosId));
    const there = parseMark(remote?.metadata[KEY]);
    if (there && !isSuccessor(here, there)) {
      const { epoch, systemId, revision } = here;
      const own = { epoch, systemId, revision };
      await noteRestored(this.#db, { organizationId, here: own, there });
    }
    this.#compared.set(organizationId, here.instance);
  }

  /** Renews the mark, at most every ten minutes. What keeps it from being written does no other harm. */
  async leaveMark({ organizationId, workosId }: Both): Promise<void> {
    const here = await readOwnMark(this.#db, organizationId);
    if (here?.due !== true || this.#compared.get(organizationId) !== here.instance) return;
    const metadata = { [KEY]: formatMark(here) };
    try {
      await this.#port.updateOrganization(workosId, { metadata });
    } catch (error) {
      if (isWorkosFailure(error)) return;
      throw error;
    }
    await noteMarked(this.#db, organizationId, here.revision);
  }
}

/** Whether a database may go on from a mark. */
export function isSuccessor(here: Omit<OwnMark, 'instance' | 'due'>, there: DatabaseMark): boolean {
  if (here.replacedEpochs.includes(there.epoch)) return true;
  const same = here.epoch === there.epoch && here.systemId === there.systemId;
  return same && here.revision >= there.revision;
}

/** A mark as it stands in WorkOS; nothing when there is none that can be read. */
export function parseMark(text: string | undefined): DatabaseMark | undefined {
  const [, epoch, systemId, revision] = /^v1 ([0-9a-f-]{36}) (\d+) (\d+)$/.exec(text ?? '') ?? [];
  if (epoch === undefined || systemId === undefined) return undefined;
  return { epoch, systemId, revision: Number(revision) };
}

/** The other way round. */
export function formatMark({ epoch, systemId, revision }: DatabaseMark): string {
  return `v1 ${epoch} ${systemId} ${revision}`;
}
