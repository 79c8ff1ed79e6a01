/** Every limit that a caller can meet. What is over one is refused with its name. */
export const limits = {
  /** Items on one page of a list. */
  pageSize: 1_000,
  /** Items on a page when the caller names no number. */
  defaultPageSize: 50,
  /** Checks in one call. */
  checks: 1_000,
  /** Resource ids in one filter call. */
  resourceIds: 10_000,
  /** Selectors of one role, over all its grants. */
  selectorsPerRole: 10_000,
  /** Grants in one call that gives or takes them directly. */
  grantsPerCall: 1_000,
  /** Roles that one membership may hold, and members that one call may name. */
  idsPerCall: 1_000,
  /** Roles, and members, of one import. */
  importRoles: 10_000,
  importMembers: 100_000,
  /** Bytes of a request's body. */
  bodyBytes: 1024 * 1024,
  importBodyBytes: 64 * 1024 * 1024,
  webhookBodyBytes: 256 * 1024,
  /** Objects and arrays inside one another, and values altogether, in one body. */
  jsonDepth: 32,
  jsonValues: 5_000_000,
  /** Bytes of an id, which is what an index entry has room for. */
  identifierBytes: 255,
  /** Bytes of one selector, written as JSON. */
  selectorBytes: 900,
  /** Problems named in one answer. */
  problems: 10_000,
} as const;
