import { type ErrorCode } from './error-codes.ts';

/** What an error code means on the wire: its status, and what people are told of it. */
export interface ProblemKind {
  readonly status: ProblemStatus;
  readonly title: string;
  readonly meaning: string;
  readonly advice: string;
}

export type ProblemStatus =
  400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503;

/** The only table from code to status. Exhaustive by its type: a new code does not compile without a row. */
export const problemKinds: Readonly<Record<ErrorCode, ProblemKind>> = {
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    meaning: 'A field is missing, malformed, unknown or out of range; `problems` names each one.',
    advice: 'Correct the named fields. Sending the same request again will fail again.',
  },
  invalid_json: {
    status: 400,
    title: 'The body is not JSON',
    meaning: 'The body cannot be read as JSON in UTF-8, or is nested too deeply.',
    advice: 'Send one JSON value in UTF-8.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The media type is not supported',
    meaning: 'The body is not declared as `application/json`, or is compressed.',
    advice: 'Send `Content-Type: application/json` and no `Content-Encoding`.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    meaning: 'The path exists, but not with this method; `Allow` lists those it has.',
    advice: 'Use one of the methods in `Allow`.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    meaning: 'The body has more bytes than this route reads; the detail names the limit.',
    advice: 'Send less in one call.',
  },
  limit_exceeded: {
    status: 400,
    title: 'A limit is exceeded',
    meaning: 'One call names too many checks, ids, selectors or items; the detail names the limit.',
    advice: 'Split the call.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    meaning: 'The caller sent more requests than it may in this time.',
    advice: 'Wait as long as `Retry-After` says, then try again.',
  },
  unauthenticated: {
    status: 401,
    title: 'No valid API key',
    meaning: 'The request carries no API key, or one that is unknown or revoked.',
    advice: 'Send `Authorization: Bearer <api key>`.',
  },
  webhook_refused: {
    status: 401,
    title: 'The webhook is not believed',
    meaning: 'It was not signed with the secret of this service, over this body, within 3 minutes.',
    advice: 'Send webhooks from WorkOS only, and compare the secret with that of its dashboard.',
  },
  forbidden: {
    status: 403,
    title: 'Not permitted',
    meaning: 'The API key, or the user it acts for, may not do this.',
    advice: 'Use a key with the scope `manage`, or act for a user who holds the named scope.',
  },
  route_not_found: {
    status: 404,
    title: 'There is no such route',
    meaning: 'Nothing is served at this path.',
    advice: 'Compare the path with `/openapi.json`.',
  },
  organization_not_found: {
    status: 404,
    title: 'There is no such organization',
    meaning: 'No organization has this id, or the API key belongs to another one.',
    advice: 'Compare the id with `GET /v1/organizations`.',
  },
  role_not_found: {
    status: 404,
    title: 'There is no such role',
    meaning: 'The organization has no role with this id, or it was deleted.',
    advice: 'Read the roles of the organization again.',
  },
  member_not_found: {
    status: 404,
    title: 'There is no such member',
    meaning: 'The organization has no member with this user id, or they were removed.',
    advice: 'Read the members of the organization again.',
  },
  grant_not_found: {
    status: 404,
    title: 'There is no such grant',
    meaning: 'The principal does not directly hold the grant that was named.',
    advice:
      'Read the direct grants of the principal again; those of its roles are changed on the role.',
  },
  api_key_not_found: {
    status: 404,
    title: 'There is no such API key',
    meaning: 'No API key that the caller can see has this id.',
    advice: 'Read the list of API keys again.',
  },
  sync_entity_not_found: {
    status: 404,
    title: 'There is no such entity',
    meaning: 'Nothing that is kept equal with WorkOS has this id.',
    advice: 'List the entities with `GET /v1/sync/entities`.',
  },
  invalid_principal: {
    status: 400,
    title: 'The principal is not valid',
    meaning: 'The principal is malformed, or is of a kind that cannot be asked about here.',
    advice: 'Name a user as `user:<id>`; a role can be asked about in `explain` only.',
  },
  invalid_scope: {
    status: 400,
    title: 'The scope is not valid',
    meaning: 'The policy declares no such scope, or it is an internal one.',
    advice: 'Compare with `GET /v1/scopes`.',
  },
  invalid_selector: {
    status: 400,
    title: 'The selector is not valid',
    meaning:
      'A selector lacks a key, names another kind than its scope, or an undeclared dimension.',
    advice: 'Compare with the kind and dimensions of the scope in `GET /v1/scopes`.',
  },
  invalid_grant: {
    status: 400,
    title: 'The grant is not valid',
    meaning: 'A grant names an unknown scope or an effect that its kind does not allow.',
    advice: 'Compare with `GET /v1/scopes`; grants of the kind `org` cannot deny.',
  },
  invalid_check: {
    status: 400,
    title: 'The check is not valid',
    meaning: 'A check names no concrete resource, or an unknown scope, dimension or value.',
    advice:
      'Correct the check that `problems` names. An invalid check is a mistake, never a denial.',
  },
  invalid_policy: {
    status: 500,
    title: 'The policy is not valid',
    meaning: 'The policy that this service was started with contradicts itself or its data.',
    advice: 'This is for the operator: run `rolecall doctor`.',
  },
  permission_denied: {
    status: 403,
    title: 'Permission denied',
    meaning: 'The principal may not do what the host application required.',
    advice: 'Ask `explain` why, then change a role or a grant.',
  },
  organization_exists: {
    status: 409,
    title: 'The organization exists',
    meaning: 'Another organization has this id.',
    advice: 'Use the existing one, or choose another id.',
  },
  workos_id_taken: {
    status: 409,
    title: 'The WorkOS organization is taken',
    meaning: 'Another organization is linked to this WorkOS organization.',
    advice: 'Unlink the other one first.',
  },
  member_exists: {
    status: 409,
    title: 'The member exists',
    meaning: 'The user is already a member of this organization.',
    advice: 'Set the roles of the existing member instead.',
  },
  role_name_taken: {
    status: 409,
    title: 'The role name is taken',
    meaning: 'Another role of this organization has this name; case does not matter.',
    advice: 'Choose another name.',
  },
  role_slug_taken: {
    status: 409,
    title: 'The role slug is taken',
    meaning: 'Another role of this organization has, or still holds, this slug.',
    advice: 'Choose another name, or wait until the deletion of the other role is confirmed.',
  },
  system_role: {
    status: 409,
    title: 'System roles cannot be renamed or deleted',
    meaning:
      'The name, description and existence of a system role are not the organization’s to change.',
    advice: 'Change its grants, or make a role of your own.',
  },
  last_admin: {
    status: 409,
    title: 'The organization would be left without an admin',
    meaning: 'The change would take the number of usable admins from one or more to zero.',
    advice: 'Make another active member an admin first.',
  },
  admin_must_keep_org_admin: {
    status: 409,
    title: 'The admin role keeps org:admin',
    meaning: 'The grants of `admin` must contain `org:admin` everywhere.',
    advice: 'Leave `org:admin` among the grants.',
  },
  roles_required: {
    status: 400,
    title: 'A member needs a role',
    meaning: 'The set of roles is empty.',
    advice: 'Name at least one role, or remove the member.',
  },
  multiple_roles_not_enabled: {
    status: 409,
    title: 'Only one role per member',
    meaning: 'The WorkOS environment of this organization does not allow several roles per member.',
    advice: 'Name one role, or turn on multiple roles in WorkOS.',
  },
  owned_by_workos: {
    status: 409,
    title: 'WorkOS owns this',
    meaning: 'The organization is linked: its name and its members’ existence are WorkOS’s.',
    advice: 'Make the change in WorkOS; it arrives here by itself.',
  },
  preflight_failed: {
    status: 409,
    title: 'The preflight failed',
    meaning: 'Enforcement cannot be turned on yet; `problems` names what does not hold.',
    advice: 'Put each of them right, then try again.',
  },
  legacy_wrong_state: {
    status: 409,
    title: 'Not from this state',
    meaning: 'The step does not start from the legacy state that the environment is in.',
    advice: 'Look at `rolecall legacy status`; docs/legacy.md has the order of the steps.',
  },
  legacy_grants_left: {
    status: 409,
    title: 'Grants are left that are keyed by slugs',
    meaning: 'A cut-over would change decisions, or lose grants whose slug names no role.',
    advice: 'Run `rolecall legacy backfill`, and settle what `rolecall legacy status` names.',
  },
  legacy_slug_not_found: {
    status: 404,
    title: 'Nothing waits under this slug',
    meaning: 'The organization has no grants of that slug that wait for a decision.',
    advice: 'Look at `rolecall legacy status`: it names the slugs that cannot be mapped.',
  },
  version_mismatch: {
    status: 412,
    title: 'Somebody else changed it first',
    meaning: 'If-Match names a version that is no longer the current one.',
    advice: 'Read it again, make the change anew, and send the new ETag.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    meaning: 'A request with this key succeeded before, with other content.',
    advice: 'Make a new key for every new request; repeat a request unchanged.',
  },
  idempotency_in_progress: {
    status: 409,
    title: 'The same request is being processed',
    meaning: 'A request with this Idempotency-Key has not finished yet.',
    advice: 'Wait as long as `Retry-After` says, then repeat the request.',
  },
  revision_unknown: {
    status: 409,
    title: 'The revision is not known here',
    meaning:
      'The database has not reached the revision that the check demands, or has another history.',
    advice: 'Ask without `at_least`, or with a revision that a write returned since.',
  },
  import_invalid: {
    status: 400,
    title: 'The import is not valid',
    meaning:
      'The document contradicts itself, the policy or the organization; nothing was imported.',
    advice: '`problems` names every place in the document.',
  },
  workos_not_connected: {
    status: 409,
    title: 'WorkOS is not connected',
    meaning:
      'This process was started without what it needs to talk to WorkOS; the detail says what.',
    advice:
      'Set `WORKOS_API_KEY` (and, for webhooks, `WORKOS_WEBHOOK_SECRET`), then start it again.',
  },
  organization_not_linked: {
    status: 409,
    title: 'The organization is not linked to WorkOS',
    meaning: 'It has no counterpart in WorkOS with which it could be compared.',
    advice: 'Link it with `PATCH /v1/organizations/{org}` and its `workos_id`.',
  },
  organization_busy: {
    status: 409,
    title: 'Somebody else works on the organization',
    meaning: 'A worker is making the organization equal with WorkOS at this moment.',
    advice: 'Wait as long as `Retry-After` says, then repeat the request.',
  },
  nothing_to_choose: {
    status: 409,
    title: 'There is nothing to choose',
    meaning: 'The entity does not wait for a person, or the chosen side has no such thing.',
    advice: 'Look at its state and reason with `GET /v1/sync/entities`.',
  },
  workos_refused: {
    status: 409,
    title: 'WorkOS refuses',
    meaning: 'WorkOS understood the call and answered no; the detail has its code.',
    advice: 'Look for what the organization is linked to in the WorkOS dashboard.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database is away',
    meaning: 'PostgreSQL cannot be reached or is too busy. Nothing was decided or changed.',
    advice: 'Try again when `Retry-After` has passed. A decision that cannot be had is not a yes.',
  },
  workos_unavailable: {
    status: 503,
    title: 'WorkOS is away',
    meaning: 'WorkOS did not answer, asks us to wait, or refuses the key. Checks go on without it.',
    advice: 'Try again when `Retry-After` has passed. What is pending is sent by itself.',
  },
  shutting_down: {
    status: 503,
    title: 'The service is shutting down',
    meaning: 'This process takes no new requests.',
    advice: 'Try again at once; another process answers.',
  },
  internal: {
    status: 500,
    title: 'Something broke on our side',
    meaning: 'An expectation of Rolecall did not hold. The request id finds the reason in the log.',
    advice: 'Report the request id.',
  },
};

/** How an error code is named where a URI is asked for. */
export function problemType(code: ErrorCode): string {
  return `urn:rolecall:problem:${code}`;
}
