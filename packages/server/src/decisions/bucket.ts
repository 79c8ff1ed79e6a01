import { hash } from 'node:crypto';
import { type Dimensions, type Reason } from '@rolecall/policy';
import { RolecallError } from '../errors/index.ts';
import { type Note } from './notes.ts';

/** What came of a question: refused, let pass by `shadow` alone, or allowed (as far as it was sampled). */
export type Outcome = 'denied' | 'would_deny' | 'allowed';

/** The same question and the same outcome, however often, on one day. */
export interface Bucket {
  readonly organizationId: string;
  readonly outcome: Outcome;
  /** SHA-256 over principal, scope, resource and dimensions, in hexadecimal. */
  readonly key: string;
  /** The day in UTC, such as `2026-01-31`. */
  readonly day: string;
  readonly principal: string;
  readonly scope: string;
  readonly resourceId: string;
  readonly dimensions: Dimensions;
  /** Why it was answered so the last time. */
  readonly reason: Reason;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Notes that say the same of the same instant. */
interface Repeated {
  readonly note: Note;
  count: number;
}

/**
 * Groups notes into buckets, in the one order in which all processes write them, so that none waits for another
 * in a circle. The reason is found here and not when the answer was given.
 */
export function bucketsOf(notes: readonly Note[]): readonly Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const repeated of repetitionsOf(notes)) {
    const bucket = bucketOf(repeated);
    if (bucket === undefined) continue;
    const { organizationId, outcome, key, day } = bucket;
    const name = `${organizationId} ${outcome} ${key} ${day}`;
    const known = buckets.get(name);
    buckets.set(name, known === undefined ? bucket : merge(known, bucket));
  }
  return [...buckets].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, bucket]) => bucket);
}

/** What is denied is mostly asked again at once. Finding the reason costs more than all else, and is done once. */
function repetitionsOf(notes: readonly Note[]): Iterable<Repeated> {
  const repetitions = new Map<string, Repeated>();
  for (const note of notes) {
    const question = questionOf(note);
    const known = repetitions.get(question);
    if (known === undefined) repetitions.set(question, { note, count: 1 });
    else known.count += 1;
  }
  return repetitions.values();
}

/** Read from the left, it can be taken apart in one way only. At one revision a question has one answer. */
function questionOf({ handle, scope, resourceId, dimensions, at }: Note): string {
  const { principal, revision } = handle;
  const named = dimensions === undefined ? '' : JSON.stringify(dimensions);
  return `${at} ${revision} ${principal.length} ${principal} ${scope.length} ${scope} ${resourceId.length} ${resourceId} ${named}`;
}

function bucketOf({ note, count }: Repeated): Bucket | undefined {
  const { handle, scope, resourceId, dimensions = {}, at } = note;
  const answer = answerOf(note);
  if (answer === undefined) return undefined;
  const time = new Date(at).toISOString();
  const { organizationId, principal } = handle;
  return {
    organizationId,
    outcome: answer.outcome,
    key: bucketKey(principal, scope, resourceId, dimensions),
    day: time.slice(0, 10),
    principal,
    scope,
    resourceId,
    dimensions,
    reason: answer.reason,
    count,
    firstAt: time,
    lastAt: time,
  };
}

/** Nothing for what is no question any more; the answer was given all the same. */
function answerOf({
  handle,
  scope,
  resourceId,
  dimensions,
}: Note): { readonly outcome: Outcome; readonly reason: Reason } | undefined {
  try {
    const decision = handle.answerOf({ scope, resource_id: resourceId, dimensions });
    const { allowed, reason } = decision.enforced ?? decision;
    if (allowed) return { outcome: 'allowed', reason };
    return { outcome: decision.allowed ? 'would_deny' : 'denied', reason };
  } catch (error) {
    if (error instanceof RolecallError && error.code === 'invalid_check') return undefined;
    throw error;
  }
}

/** The key of a question: no two questions have the same, and the order of dimensions does not matter. */
export function bucketKey(
  principal: string,
  scope: string,
  resourceId: string,
  dimensions: Dimensions,
): string {
  const named = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return hash('sha256', JSON.stringify([principal, scope, resourceId, named]), 'hex');
}

function merge(one: Bucket, other: Bucket): Bucket {
  const [first, last] = one.lastAt <= other.lastAt ? [one, other] : [other, one];
  return {
    ...last,
    count: one.count + other.count,
    firstAt: first.firstAt < last.firstAt ? first.firstAt : last.firstAt,
  };
}
