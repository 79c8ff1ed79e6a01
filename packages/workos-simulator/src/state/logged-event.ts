/** One thing that happened; `data` is the object as the API shows it at that instant. */
export interface LoggedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** Null for what concerns no organization: users and environment roles. */
  readonly organizationId: string | null;
  /** From when on `GET /events` shows it. */
  readonly visibleAt: number;
  /** While it is not visible yet, later events may already be shown. */
  readonly overtakable: boolean;
}
