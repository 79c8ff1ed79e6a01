import { type SimulatorCore } from '@rolecall/workos-simulator';
import { type RemoteMembership, type RemoteRole, readRemote } from './remote-state.ts';

/** A change that a command has acknowledged. */
export interface Acknowledged {
  readonly time: number;
  readonly site: string;
  readonly revision: number;
  readonly step: number;
}

/** What a person or a directory did to one membership in WorkOS. */
export interface Act {
  readonly time: number;
  readonly step: number;
  readonly membershipId: string;
  readonly userId: string;
  readonly organizationId: string;
  /** Ids of roles in WorkOS, with their slugs. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly status: string | null;
}

/** What a person did to the existence of an organization's role in WorkOS. */
export interface RoleAct {
  readonly time: number;
  readonly organizationId: string;
  readonly slug: string;
  readonly id: string;
  readonly did: 'made' | 'deleted';
}

/** An event of the stream, as it was written. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly time: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What was acknowledged and what was done on the other side, each with its time by the one clock. */
export class History {
  readonly acknowledged: Acknowledged[] = [];
  readonly acts: Act[] = [];
  readonly roleActs: RoleAct[] = [];
  /** Entities for which a person chose what is there. */
  readonly chosen = new Set<string>();
  readonly events = new Map<string, StreamEvent>();
  readonly #simulator: SimulatorCore;
  readonly #now: () => number;
  step = 0;

  constructor(simulator: SimulatorCore, now: () => number) {
    this.#simulator = simulator;
    this.#now = now;
  }

  /** Notes that a command was answered. */
  acknowledge(site: string, revision: number): void {
    this.acknowledged.push({ time: this.#now(), site, revision, step: this.step });
  }

  /** The newest event about a membership, whether or not the stream shows it yet. */
  newestEventOf(membershipId: string): string | undefined {
    this.collect();
    const own = [...this.events.values()].filter(({ data }) => data['id'] === membershipId);
    return own
      .map(({ id }) => id)
      .sort()
      .at(-1);
  }

  /** When a revision of an organization was acknowledged; nothing for one that no command made. */
  timeOf(site: string, revision: number): number | undefined {
    return this.acknowledged.find((one) => one.site === site && one.revision === revision)?.time;
  }

  /** Does something to the other side, and notes what it did to whose memberships. */
  act(work: () => void): void {
    const before = readRemote(this.#simulator);
    try {
      work();
    } finally {
      const after = readRemote(this.#simulator);
      this.#compare(before.memberships, after.memberships);
      this.#compareRoles(before.roles, after.roles);
    }
  }

  /** Notes the events that there are, before some of them expire. */
  collect(): void {
    const { all = [] } = this.#simulator.state({ events: true }).events;
    for (const event of all) {
      const id = String(event['id']);
      this.events.set(id, {
        id,
        event: String(event['event']),
        time: Date.parse(String(event['created_at'])),
        data: event['data'] as Readonly<Record<string, unknown>>,
      });
    }
  }

  #compare(before: readonly RemoteMembership[], after: readonly RemoteMembership[]): void {
    const old = new Map(before.map((one) => [one.id, one]));
    for (const one of after) this.#note(old.get(one.id), one);
    const kept = new Set(after.map(({ id }) => id));
    for (const one of before) if (!kept.has(one.id)) this.#note(one, undefined);
  }

  #compareRoles(before: readonly RemoteRole[], after: readonly RemoteRole[]): void {
    const [old, kept] = [before, after].map((roles) => new Set(roles.map(({ id }) => id)));
    const note = (did: RoleAct['did'], { id, slug, organizationId }: RemoteRole): void => {
      this.roleActs.push({
        time: this.#now(),
        organizationId: organizationId ?? '',
        slug,
        id,
        did,
      });
    };
    for (const role of before) if (kept?.has(role.id) === false) note('deleted', role);
    for (const role of after) if (old?.has(role.id) === false) note('made', role);
  }

  #note(before: RemoteMembership | undefined, after: RemoteMembership | undefined): void {
    const shown = after ?? before;
    if (shown === undefined) return;
    const [had, has] = [before?.roles ?? [], after?.roles ?? []];
    const added = has.filter((slug) => !had.includes(slug));
    const removed = had.filter((slug) => !has.includes(slug));
    const status = after?.status ?? null;
    if (added.length + removed.length === 0 && status === (before?.status ?? null)) return;
    this.acts.push({
      time: this.#now(),
      step: this.step,
      membershipId: shown.id,
      userId: shown.userId,
      organizationId: shown.organizationId,
      added,
      removed,
      status,
    });
  }
}
