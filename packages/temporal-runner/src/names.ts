/*
 * The names under which things are known in Temporal. They are part of what is stored there: to change one is to
 * leave what runs under the old one to itself.
 */

/** The signal that says that there may be something to do, and nothing else. */
export const WAKE = 'wake';

/** The types of workflows. */
export const workflowTypes = {
  organization: 'organization',
  environment: 'environment',
  timed: 'timed',
} as const;

/** The id of the workflow of an organization. */
export function organizationWorkflowId(taskQueue: string, organizationId: string): string {
  return `${taskQueue}/organization/${organizationId}`;
}

/** The id of the workflow that reads what happens in WorkOS. */
export function environmentWorkflowId(taskQueue: string): string {
  return `${taskQueue}/environment`;
}

/** The id of what is done at set times; Temporal adds the time to it. */
export function timedWorkflowId(taskQueue: string, work: string): string {
  return `${taskQueue}/timed/${work}`;
}
