import { type ActiveFaultRule, type Chaos, chaosRules, type FaultRule } from './faults/index.ts';
import type { Machine, Outage } from './machine.ts';
import { expireOld } from './routes/index.ts';
import { PUNCTUAL } from './state/index.ts';
import { NO_WEBHOOK_FAULTS, type WebhookFaults } from './webhooks/index.ts';

/** How the event stream misbehaves. */
export interface EventFaults {
  /** The share of events that are late, 0 to 1, and by how many milliseconds, from and to. */
  readonly rate?: number | undefined;
  readonly ms?: readonly [low: number, high: number] | undefined;
  /** Whether later events are shown while a late one is not. */
  readonly overtake?: boolean | undefined;
  /** Shows the event of the cursor again. */
  readonly inclusiveCursor?: boolean | undefined;
  /** Answers newest first. */
  readonly newestFirst?: boolean | undefined;
}

/** Which events retention is to remove at once: the older ones, or all but some. */
export interface Expiry {
  /** ISO 8601: those created before. */
  readonly before?: string | undefined;
  /** As many of the newest as are to stay. */
  readonly keep?: number | undefined;
}

/** What has not come to its end yet. */
export interface PendingFaults {
  /** Writes whose caller has gone and that are still to take effect. */
  readonly lateWrites: number;
  readonly requestsInFlight: number;
  /** Events that happened and that the stream does not show yet. */
  readonly lateEvents: number;
  readonly webhooks: number;
  /** Environment roles that are deleted and whose members are not yet reassigned. */
  readonly retiringRoles: number;
}

/** Everything that can be made to go wrong. */
export interface FaultControl {
  /** Puts a rule in force and returns its id. */
  readonly add: (rule: FaultRule) => string;
  readonly remove: (id: string) => void;
  readonly list: () => readonly ActiveFaultRule[];
  readonly clear: () => void;
  /** Adds a mixture of faults that strikes a share of all requests; returns the ids of its rules. */
  readonly chaos: (chaos: Chaos) => readonly string[];
  /** How often each kind of fault has struck, by name. */
  readonly struck: () => Readonly<Record<string, number>>;
  readonly outage: (outage: Outage | null) => void;
  readonly revokeKey: () => void;
  readonly restoreKey: () => void;
  /** Adds a new key, valid besides the old one, and returns it. */
  readonly addKey: () => string;
  readonly webhooks: (faults: Partial<WebhookFaults>) => void;
  readonly events: (faults: EventFaults) => void;
  /** Removes events as if their time were over; returns how many. */
  readonly expireEvents: (expiry: Expiry) => number;
  readonly pending: () => PendingFaults;
  /** Ends everything that was set here; late events are shown, held webhooks sent. Late writes stay late. */
  readonly heal: () => void;
}

/** The faults of one simulator. */
export function createFaultControl(machine: Machine): FaultControl {
  const { rules, world, webhooks, keys, manners } = machine;
  return {
    add: (rule) => rules.add(rule),
    remove: (id) => {
      rules.remove(id);
    },
    list: () => rules.list(),
    clear: () => {
      rules.clear();
    },
    chaos: (chaos) => chaosRules(chaos).map((rule) => rules.add(rule)),
    struck: () => rules.struck(),
    outage: (outage) => {
      machine.outage = outage;
    },
    revokeKey: () => {
      keys.revoke();
    },
    restoreKey: () => {
      keys.restore();
    },
    addKey: () => keys.add(),
    webhooks: (faults) => {
      webhooks.faults = { ...webhooks.faults, ...faults };
    },
    events: ({ rate, ms, overtake, inclusiveCursor, newestFirst }) => {
      const before = world.events.lateness;
      world.events.lateness = {
        rate: rate ?? before.rate,
        ms: ms ?? before.ms,
        overtake: overtake ?? before.overtake,
      };
      manners.inclusiveCursor = inclusiveCursor ?? manners.inclusiveCursor;
      manners.newestFirst = newestFirst ?? manners.newestFirst;
    },
    expireEvents: (expiry) => expireEvents(machine, expiry),
    pending: () => pendingOf(machine),
    heal: () => {
      rules.clear();
      machine.outage = null;
      keys.restore();
      webhooks.faults = NO_WEBHOOK_FAULTS;
      webhooks.releaseHeld();
      world.events.lateness = PUNCTUAL;
      world.events.reveal();
      manners.inclusiveCursor = false;
      manners.newestFirst = false;
    },
  };
}

function expireEvents(machine: Machine, { before, keep }: Expiry): number {
  const { events } = machine.world;
  const already = events.expired;
  expireOld(machine.world, machine.manners);
  if (before !== undefined) {
    const horizon = Date.parse(before);
    events.expireWhile((event) => event.createdAt < horizon);
  }
  if (keep !== undefined) events.expireWhile((_event, remaining) => remaining > keep);
  return events.expired - already;
}

function pendingOf(machine: Machine): PendingFaults {
  const { world } = machine;
  const now = world.now();
  return {
    lateWrites: machine.late.pending,
    requestsInFlight: machine.requests.counts().inFlight,
    lateEvents: world.events.toArray().filter((event) => event.visibleAt > now).length,
    webhooks: machine.webhooks.pending,
    retiringRoles: world.store.retiredRoles.size,
  };
}
