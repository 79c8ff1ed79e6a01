import { type SafetyRule } from './rules.ts';

/** The rules that keep answers from memory, and writes, from being wrong. Files are from `packages/server/src`. */
export const accessRules: readonly SafetyRule[] = [
  {
    name: 'one revision',
    edits: [
      {
        file: 'access/memory/organization-memory.ts',
        find: '    if (since === 0) return true;',
        replace: '    if (since <= 0 || changes.length === 1) return true;',
      },
      {
        file: 'access/memory-loader.ts',
        find: 'if (target === undefined || target.state.revision >= revision) return target;',
        replace: 'if (target === undefined || target.state.revision !== -revision) return target;',
      },
    ],
    file: 'access/test/one-revision.test.ts',
    fails: [
      'INVARIANT (one revision): is never joined of two revisions, however loads and writes race',
    ],
  },
  {
    name: 'at least the revision that was asked for',
    edits: [
      {
        file: 'access/consistency.ts',
        find: '  return state.epoch === required.epoch && state.revision >= required.revision;',
        replace: '  return state.epoch === required.epoch || state.revision >= required.revision;',
      },
    ],
    file: 'access/test/new-enemy.test.ts',
    fails: ['is never let in by a node that is asked for at least the second write'],
  },
  {
    name: 'at least the revision that was asked for over HTTP',
    edits: [
      {
        file: 'access/consistency.ts',
        find: '  return state.epoch === required.epoch && state.revision >= required.revision;',
        replace: '  return state.epoch === required.epoch || state.revision >= required.revision;',
      },
    ],
    file: '../test/http/consistency.test.ts',
    fails: [
      'is answered as of the write whose revision it names, and all that come after it are',
      'is refused when the database has not reached the revision, or has another history',
    ],
  },
  {
    name: 'the proof of an announcement',
    edits: [
      {
        file: 'identity/announcement.ts',
        find: '  if (proof.byteLength !== wanted.byteLength || !timingSafeEqual(proof, wanted)) return undefined;',
        replace: '  if (proof === wanted || timingSafeEqual === undefined) return undefined;',
      },
    ],
    file: 'access/test/announcements.test.ts',
    fails: ['INVARIANT (no lost change): hides nothing when it was made up'],
  },
  {
    name: 'nothing harmful before BEGIN has succeeded',
    edits: [
      {
        file: 'database/transaction-session.ts',
        find: '    if (!this.#hasBegun && statement.harmless !== true) this.#gate ??= this.#begun;',
        replace: '    if (this.#hasBegun && statement.text === "") this.#gate ??= this.#begun;',
      },
    ],
    file: 'database/transaction-session.test.ts',
    fails: ['INVARIANT (one transaction): leaves nothing that would do harm alone'],
  },
];
