import { type Grant } from '@rolecall/policy';
import { type MemberRecord } from '../members-store.ts';

/** A role that an earlier import has made. */
export interface KnownRole {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly grants: readonly Grant[];
}

/** Who has a name of the document already, in whatever case. */
export interface NameFacts {
  /** The name as the database compares it. */
  readonly folded: string;
  /** The role of the organization that has it; null where nobody has. */
  readonly roleId: string | null;
  /** A global role has it. */
  readonly global: boolean;
}

/** What the organization holds of what a document names, read under the one lock. */
export interface ImportFacts {
  readonly organizationId: string;
  readonly linked: boolean;
  /** The ids of `admin` and `member`, by these keys. */
  readonly systemRoles: ReadonlyMap<string, string>;
  readonly roles: ReadonlyMap<string, KnownRole>;
  /** For each role of the document, in its order. */
  readonly names: readonly NameFacts[];
  readonly members: ReadonlyMap<string, MemberRecord>;
  readonly deletedUsers: ReadonlySet<string>;
  readonly takenSlugs: ReadonlySet<string>;
}
