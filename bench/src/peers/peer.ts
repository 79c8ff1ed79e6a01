/**
 * What Rolecall is compared to, each on the same work: one principal holds `read` on some projects and is
 * asked about projects, half of which are its own.
 */
export interface ProjectWork {
  /** The projects that may be read. */
  readonly granted: readonly string[];
  /** The projects asked about; their number is a power of two. */
  readonly asked: readonly string[];
}

/** Answers the nth question. What a question is made of has been made before. */
export type Ask = (nth: number) => boolean | Promise<boolean>;

/** Ways to have the work done with one library; the fastest counts. */
export interface Peer {
  readonly name: string;
  readonly ways: Readonly<Record<string, Ask>>;
}

/** Members of a real organization, the roles they hold, and the projects that each role may read. */
export interface MatrixWork {
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly members: ReadonlyMap<string, readonly string[]>;
  readonly asked: readonly { readonly member: string; readonly project: string }[];
}
