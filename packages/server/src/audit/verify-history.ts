import { type Reader } from '../database/index.ts';
import { organizationNotFound } from '../identity/index.ts';
import { chainHash, CHAIN_START } from './chain.ts';
import {
  type ChainBounds,
  type ChainPlace,
  findChainBounds,
  listStoredEntries,
  type StoredEntry,
} from './chain-store.ts';
import { readPurge } from './purge-entry.ts';

/** How a history is broken. */
export const breaks = [
  'entry_changed',
  'entry_missing',
  'entry_unexpected',
  'tail_missing',
  'head_differs',
  'anchor_differs',
  'known_head_differs',
] as const;

export type Break = (typeof breaks)[number];

/** The first place at which a history is not what was written. */
export interface BrokenPlace {
  readonly break: Break;
  /** The entry at which it shows. */
  readonly sequence: number;
  readonly message: string;
}

/** What a verification found. */
export interface Verification {
  readonly organizationId: string;
  /** Null when the history is whole. */
  readonly broken: BrokenPlace | null;
  /** How many entries were read. */
  readonly entries: number;
  readonly head: ChainPlace;
  /** Where retention has cut; null where it never has. */
  readonly anchor: ChainPlace | null;
  /** Whether a head that was kept elsewhere is part of the history; null where none was given or retention has
   * removed its entry. */
  readonly knownHeadFound: boolean | null;
}

export interface VerifyOptions {
  /** A head of this history that was kept elsewhere. */
  readonly knownHead?: ChainPlace | undefined;
  /** Told after each batch: entries read, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Entries in one batch. */
  readonly batch?: number;
}

const BATCH = 5_000;
const MAX_RESTARTS = 5;

/**
 * Reads the whole history of an organization in batches and holds every entry against the chain, the chain
 * against head and anchor. Stops at the first place that is broken. It may run while the organization is written
 * to: it looks as far as the head that it found first. Throws `organization_not_found`.
 *
 * INVARIANT (evident tampering): whatever single change is made to the entries, the head or the anchor of a
 * history without computing its hashes anew is found.
 */
export async function verifyHistory(
  reader: Reader,
  organizationId: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  for (let restarts = 0; ; restarts += 1) {
    const bounds = await findChainBounds(reader, organizationId);
    if (bounds === undefined) throw organizationNotFound(organizationId);
    const found = await walk(reader, organizationId, bounds, options);
    if (found.broken === null || restarts === MAX_RESTARTS) return found;
    // Retention may have removed what was about to be read; it has moved the anchor then.
    const now = await findChainBounds(reader, organizationId);
    if (now?.anchor?.sequence === bounds.anchor?.sequence) return found;
  }
}

interface Walk {
  previous: Buffer;
  /** The last entry that is in order. */
  at: number;
  entries: number;
  /** What the newest removal that the history tells of has left. */
  purge: ChainPlace | undefined;
  knownHash: string | undefined;
}

async function walk(
  reader: Reader,
  organizationId: string,
  bounds: ChainBounds,
  { knownHead, onProgress, batch = BATCH }: VerifyOptions,
): Promise<Verification> {
  const { head, anchor } = bounds;
  const state = startOf(bounds, knownHead);
  const report = (broken: BrokenPlace | null): Verification => ({
    organizationId,
    broken,
    entries: state.entries,
    head,
    anchor,
    knownHeadFound: state.knownHash === undefined ? null : state.knownHash === knownHead?.hash,
  });
  const total = head.sequence - state.at;
  for await (const page of batchesOf(reader, organizationId, batch)) {
    // Whatever is written while this runs comes after the head.
    for (const entry of page.filter(({ sequence }) => sequence <= head.sequence)) {
      const broken = step(state, entry, knownHead);
      if (broken !== undefined) return report(broken);
    }
    onProgress?.(state.entries, total);
    if ((page.at(-1)?.sequence ?? 0) > head.sequence) break;
  }
  return report(judgeEnd(state, bounds, knownHead) ?? null);
}

/**
 * All entries, oldest first. Each batch begins with the entry that the last one ended with, which is left out
 * once: a second one of the same number shows itself, wherever the batches part.
 */
async function* batchesOf(
  reader: Reader,
  organizationId: string,
  size: number,
): AsyncGenerator<readonly StoredEntry[]> {
  let from: number | null = null;
  for (;;) {
    const count = size + (from === null ? 0 : 1);
    const page: readonly StoredEntry[] = await listStoredEntries(reader, organizationId, {
      from,
      count,
    });
    yield page[0]?.sequence === from ? page.slice(1) : page;
    if (page.length < count) return;
    from = page.at(-1)?.sequence ?? null;
  }
}

function startOf({ anchor }: ChainBounds, knownHead: ChainPlace | undefined): Walk {
  const known = anchor !== null && anchor.sequence === knownHead?.sequence;
  return {
    previous: anchor === null ? CHAIN_START : Buffer.from(anchor.hash, 'hex'),
    at: anchor?.sequence ?? 0,
    entries: 0,
    purge: undefined,
    knownHash: known ? anchor.hash : undefined,
  };
}

/** Takes one entry; the break, where it is not the one that comes next. */
function step(
  state: Walk,
  entry: StoredEntry,
  knownHead: ChainPlace | undefined,
): BrokenPlace | undefined {
  const { sequence } = entry;
  const expected = state.at + 1;
  if (sequence < expected) {
    const place = { break: 'entry_unexpected', sequence } as const;
    return { ...place, message: `entry ${sequence} stands where only later ones may` };
  }
  if (sequence > expected) {
    const place = { break: 'entry_missing', sequence: expected } as const;
    return { ...place, message: `entry ${expected} is missing: ${sequence} comes next` };
  }
  const hash = chainHash(state.previous, entry);
  if (hash.toString('hex') !== entry.hash) {
    const place = { break: 'entry_changed', sequence } as const;
    return { ...place, message: `entry ${sequence} is not what was written after ${state.at}` };
  }
  state.previous = hash;
  state.at = sequence;
  state.entries += 1;
  state.purge = readPurge(entry) ?? state.purge;
  if (sequence === knownHead?.sequence) state.knownHash = entry.hash;
  return undefined;
}

/** What can only be judged with every entry read: the end of the history first, then what it is held against. */
function judgeEnd(
  state: Walk,
  bounds: ChainBounds,
  knownHead: ChainPlace | undefined,
): BrokenPlace | undefined {
  return (
    judgeHead(state, bounds) ??
    judgeAnchor(state, bounds) ??
    (knownHead && judgeKnownHead(state, bounds, knownHead))
  );
}

function judgeHead({ at, previous }: Walk, { head, newest }: ChainBounds): BrokenPlace | undefined {
  if (at < head.sequence) {
    const message = `the newest entries are missing: ${at} is the last, the head is ${head.sequence}`;
    return { break: 'tail_missing', sequence: at + 1, message };
  }
  if (newest !== null && newest > head.sequence) {
    const message = `entry ${newest} stands after the head`;
    return { break: 'entry_unexpected', sequence: newest, message };
  }
  if (at === head.sequence && previous.toString('hex') === head.hash) return undefined;
  const message = `the head at ${head.sequence} is not the hash of the newest entry`;
  return { break: 'head_differs', sequence: head.sequence, message };
}

function judgeAnchor({ purge }: Walk, { anchor }: ChainBounds): BrokenPlace | undefined {
  if (anchor?.sequence === purge?.sequence && anchor?.hash === purge?.hash) return undefined;
  const message = 'the anchor is not the one that the history tells of';
  return { break: 'anchor_differs', sequence: anchor?.sequence ?? 0, message };
}

function judgeKnownHead(
  { knownHash }: Walk,
  { head }: ChainBounds,
  { sequence, hash }: ChainPlace,
): BrokenPlace | undefined {
  if (sequence > head.sequence) {
    const message = `the history ends at ${head.sequence}, before the known head at ${sequence}`;
    return { break: 'known_head_differs', sequence, message };
  }
  if (knownHash === undefined || knownHash === hash) return undefined;
  const message = `entry ${sequence} has another hash than the known head`;
  return { break: 'known_head_differs', sequence, message };
}
