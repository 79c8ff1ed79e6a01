/**
 * Every code an error may carry, on the wire and inside. The list is closed: a client may switch over it.
 * The comment is what the caller is told to understand; the HTTP status belongs to `http/`.
 */
export const errorCodes = [
  // The request itself.
  'invalid_request', // a field is missing, malformed, unknown or over a limit
  'invalid_json', // the body is not JSON
  'unsupported_media_type', // the body is not declared as application/json
  'method_not_allowed',
  'body_too_large',
  'limit_exceeded', // too many checks, ids, selectors or items in one call
  'rate_limited',
  // Who asks.
  'unauthenticated', // no valid API key
  'webhook_refused', // not signed by WorkOS, not over this body, or not now
  'forbidden', // the key or the acting user may not do this
  // What is named.
  'route_not_found',
  'organization_not_found',
  'role_not_found',
  'member_not_found',
  'grant_not_found',
  'api_key_not_found',
  'sync_entity_not_found',
  // What the access model refuses.
  'invalid_principal',
  'invalid_scope',
  'invalid_selector',
  'invalid_grant',
  'invalid_check',
  'invalid_policy',
  'permission_denied', // thrown by `require` alone: a denial is otherwise an answer
  // What the state of the organization refuses.
  'organization_exists',
  'workos_id_taken',
  'member_exists',
  'role_name_taken',
  'role_slug_taken',
  'system_role',
  'last_admin',
  'admin_must_keep_org_admin',
  'roles_required', // an empty role set
  'multiple_roles_not_enabled',
  'owned_by_workos',
  'preflight_failed',
  'legacy_wrong_state', // the environment is not in the state that a step starts from
  'legacy_grants_left', // a cut-over while grants are read by their slug
  'legacy_slug_not_found', // no grants of that slug wait for a decision
  'version_mismatch', // If-Match names an older version
  'idempotency_key_reused',
  'idempotency_in_progress',
  'revision_unknown',
  'import_invalid',
  // What keeping WorkOS equal refuses.
  'workos_not_connected', // this process has no key of WorkOS
  'organization_not_linked',
  'organization_busy', // another worker has its lease
  'nothing_to_choose', // the entity does not wait for a person
  'workos_refused', // WorkOS understood, and will refuse the same again
  // Outages and defects.
  'database_unavailable',
  'workos_unavailable',
  'shutting_down',
  'internal',
] as const;

/** One of the closed list of error codes. */
export type ErrorCode = (typeof errorCodes)[number];
