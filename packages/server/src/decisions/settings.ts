import { appendEnvironmentAudit, type AuditAuthor } from '../audit/index.ts';
import { query, type Reader, type Tx } from '../database/index.ts';
import { refuseProblems } from '../identity/index.ts';

/** How much of what is answered is kept, in the whole environment. */
export interface DecisionSettings {
  /** How many days are kept before the present one; 1 to 3,650. */
  readonly retentionDays: number;
  /** Which share of what is allowed is noted, from 0 (none) to 1 (all). Denials always are. */
  readonly allowSampleRate: number;
}

interface SettingsRow {
  readonly retention_days: number;
  readonly allow_sample_rate: number;
}

/** The settings as they are. */
export async function readDecisionSettings(reader: Reader): Promise<DecisionSettings> {
  const [row] = await query<SettingsRow>(reader, {
    name: 'read_decision_settings',
    text: 'SELECT retention_days, allow_sample_rate FROM rolecall.decision_settings',
    values: [],
  });
  return { retentionDays: row?.retention_days ?? 30, allowSampleRate: row?.allow_sample_rate ?? 0 };
}

/** Changes settings; processes follow within a minute. Throws `invalid_request` naming the field. */
export async function writeDecisionSettings(
  tx: Tx,
  change: Partial<DecisionSettings>,
  author: AuditAuthor,
): Promise<DecisionSettings> {
  const { retentionDays, allowSampleRate } = change;
  refuseProblems({
    retention_days:
      retentionDays === undefined ||
      (Number.isInteger(retentionDays) && isWithin(retentionDays, 1, 3650))
        ? undefined
        : 'must be a whole number from 1 to 3650',
    allow_sample_rate:
      allowSampleRate === undefined || isWithin(allowSampleRate, 0, 1)
        ? undefined
        : 'must be a number from 0 to 1',
  });
  const before = await readDecisionSettings(tx);
  await query(tx, {
    text: `UPDATE rolecall.decision_settings SET retention_days = coalesce($1, retention_days),
      allow_sample_rate = coalesce($2, allow_sample_rate)`,
    values: [retentionDays ?? null, allowSampleRate ?? null],
  });
  const after = await readDecisionSettings(tx);
  await appendEnvironmentAudit(tx, author, {
    action: 'decision_settings.changed',
    subject: 'decision_log',
    before: settingsShape(before),
    after: settingsShape(after),
  });
  return after;
}

function settingsShape(settings: DecisionSettings): Readonly<Record<string, number>> {
  const { retentionDays, allowSampleRate } = settings;
  return { retention_days: retentionDays, allow_sample_rate: allowSampleRate };
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
