/** What a person can do about an entity that is not idle, by its reason. */
const ADVICE: Readonly<Record<string, string>> = {
  call_unanswered: 'Nothing. It is looked at again when the call can no longer arrive.',
  role_missing: 'Nothing, unless the role itself is blocked or in conflict: look at that one.',
  suspended: 'Nothing. It is sent when the member is let in again.',
  unknown_role: 'Look for the role in WorkOS; it is taken in as soon as it can be read.',
  slug_taken:
    'Somebody made a role with this slug in WorkOS. Choose a side, or delete one of the two.',
  recreated_while_pending:
    'The role was deleted and made anew in WorkOS while a change was pending. Choose a side.',
  differs_at_link: 'Choose a side.',
  not_in_workos: 'Add the person to the organization in WorkOS, then retry.',
  foreign_external_id:
    'WorkOS knows this person by another external id. Clear it there if nobody relies on it, then retry.',
  observe_only:
    'Look at the drift; allow sending, or confirm the restored database, when it is as expected.',
  mass_removal:
    'So much would be removed at once that a person has to look. Release the brake when it is meant, or choose a side.',
  name_taken:
    'WorkOS shows a role whose name another role has here. Rename one of the two, then retry.',
  unprocessable:
    'Look for the error in the log; retry, or replay its event, when the cause is mended.',
  multiple_roles_not_enabled:
    'Enable several roles in the WorkOS dashboard, or give the member one role.',
  role_has_group_role_mappings:
    'A directory group is mapped to the role. Remove the mapping in WorkOS, then retry.',
};

/** One or two sentences for people; nothing for an entity that is idle. */
export function adviceFor(reason: string | null): string | null {
  if (reason === null) return null;
  return (
    ADVICE[reason] ?? 'WorkOS refused or failed. It is tried again by itself, at least hourly.'
  );
}
