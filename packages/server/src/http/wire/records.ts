import {
  type ApiKey as WireApiKey,
  type AuditEvent as WireAuditEvent,
  type CreatedApiKey as WireCreatedApiKey,
  type Enforcement as WireEnforcement,
  type ImportResult as WireImportResult,
  type Member as WireMember,
  type Organization as WireOrganization,
  type Page as WirePage,
  type Role as WireRole,
} from '@rolecall/contract';
import { type AuditEvent } from '../../audit/index.ts';
import { type Organization } from '../../identity/index.ts';
import { type Page } from '../../paging/index.ts';
import {
  type ApiKey,
  type CreatedApiKey,
  type Enforcement,
  type ImportResult,
  type Member,
  type Role,
} from '../../roles/index.ts';
import { toWireGrantPayloads } from './grants.ts';

export function toWirePage<Item, WireItem>(
  { data, nextCursor, total, totalIs }: Page<Item>,
  toWire: (item: Item) => WireItem,
): WirePage<WireItem> {
  return { data: data.map(toWire), next_cursor: nextCursor, total, total_is: totalIs };
}

export function toWireOrganization(organization: Organization): WireOrganization {
  return {
    id: organization.id,
    name: organization.name,
    workos_id: organization.workosId,
    enforcement: organization.enforcement,
    member_count: organization.memberCount,
    role_count: organization.roleCount,
    no_admin: organization.noAdmin,
    created_at: organization.createdAt,
    updated_at: organization.updatedAt,
  };
}

export function toWireRole(role: Role): WireRole {
  return {
    id: role.id,
    kind: role.kind,
    principal: role.principal,
    slug: role.slug,
    name: role.name,
    description: role.description,
    grants: toWireGrantPayloads(role.grants),
    member_count: role.memberCount,
    version: role.version,
    created_at: role.createdAt,
    updated_at: role.updatedAt,
  };
}

export function toWireMember(member: Member): WireMember {
  return {
    user_id: member.userId,
    membership_id: member.membershipId,
    email: member.email,
    name: member.name,
    photo_url: member.photoUrl,
    status: member.status,
    role_ids: [...member.roleIds],
    joined_at: member.joinedAt,
  };
}

export function toWireAuditEvent(event: AuditEvent): WireAuditEvent {
  return {
    sequence: event.sequence,
    occurred_at: event.occurredAt,
    revision: event.revision,
    actor: event.actor,
    action: event.action,
    subject: event.subject,
    before: event.before,
    after: event.after,
    request_id: event.requestId,
    cause: event.cause,
    hash: event.hash,
  };
}

export function toWireApiKey(key: ApiKey): WireApiKey {
  return {
    id: key.id,
    name: key.name,
    scope: key.scope,
    organization_id: key.organizationId,
    hint: key.hint,
    created_at: key.createdAt,
    revoked_at: key.revokedAt,
  };
}

export function toWireCreatedApiKey(key: CreatedApiKey): WireCreatedApiKey {
  return { ...toWireApiKey(key), key: key.key };
}

export function toWireImportResult(result: ImportResult): WireImportResult {
  return {
    roles_created: result.rolesCreated,
    roles_updated: result.rolesUpdated,
    grants_created: result.grantsCreated,
    members_created: result.membersCreated,
    members_updated: result.membersUpdated,
    assignments_created: result.assignmentsCreated,
  };
}

export function toWireEnforcement({ state, preflight }: Enforcement): WireEnforcement {
  return {
    state,
    preflight: {
      ready: preflight.ready,
      items: preflight.items.map(({ name, passed, message, advice }) => ({
        name,
        passed,
        message,
        advice,
      })),
    },
  };
}
