import { refuseProblems } from '../identity/index.ts';
import { type AuditFilter } from './audit-event.ts';

/** A filter that the database can take. Throws `invalid_request` naming each field that it cannot. */
export function readAuditFilter({
  actor,
  subject,
  action,
  since,
  until,
}: AuditFilter): AuditFilter {
  refuseProblems({
    actor: textProblem(actor),
    subject: textProblem(subject),
    action: textProblem(action),
    since: instantProblem(since),
    until: instantProblem(until),
  });
  return { actor, subject, action, since, until };
}

function instantProblem(instant: string | undefined): string | undefined {
  const valid =
    instant === undefined || (/^\d{4}-/.test(instant) && !Number.isNaN(Date.parse(instant)));
  return valid ? undefined : 'must be an instant such as `2026-01-31T09:30:00Z`';
}

function textProblem(text: string | undefined): string | undefined {
  return text?.includes('\0') === true ? 'must not contain the character NUL' : undefined;
}
