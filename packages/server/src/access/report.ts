/** What one node holds in memory, and how fresh it is; a plain snapshot for metrics and `doctor`. */
export interface AccessReport {
  /** `database`: not started, every call reads. `memory`: states are kept. */
  readonly mode: 'database' | 'memory';
  readonly freshness: FreshnessReport;
  readonly memory: MemoryReport;
}

export interface FreshnessReport {
  /** Whether answers come from memory now: the last confirming poll is within the bound. */
  readonly confirmed: boolean;
  /** Milliseconds since the last confirming poll was sent; null before the first one. */
  readonly stalenessMs: number | null;
  readonly boundMs: number;
  /** `listening`: changes are announced. `polling`: a pooler or a lost connection leaves the poll alone. */
  readonly notifications: 'listening' | 'polling';
  /** Why there are no announcements; absent while there are. */
  readonly notice?: string;
  readonly polls: number;
  readonly failedPolls: number;
}

export interface MemoryReport {
  readonly organizations: number;
  readonly roles: number;
  readonly principals: number;
  readonly apiKeys: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Since the start, by what happened to a call of `principal`. */
  readonly hits: number;
  readonly loads: number;
  readonly readThroughs: number;
  readonly evictions: number;
}
