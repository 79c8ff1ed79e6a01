import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { HeldGrant } from './grants.ts';
import { limits } from './limits.ts';
import { InOrganization, OfMember, RoleId, roleIdExample, UserId } from './names.ts';
import { pageOf, pageQuery, search } from './page.ts';
import { email, line, timestamp } from './text.ts';

const MembershipStatus = z.enum(['pending', 'active', 'inactive']);

export const Member = z
  .object({
    user_id: z
      .string()
      .nullable()
      .openapi({ description: 'Null while the user is not known yet.' }),
    membership_id: z.string().openapi({ format: 'uuid' }),
    email: z.string().nullable(),
    name: z.string().nullable(),
    photo_url: z.string().nullable(),
    status: MembershipStatus,
    role_ids: z.array(z.string().openapi({ format: 'uuid' })),
    joined_at: timestamp(),
  })
  .openapi('Member', {
    example: {
      user_id: 'alice',
      membership_id: 'b51c9a5e-3a53-4f0e-9d26-1d0c0f9a7c42',
      email: 'alice@acme.example',
      name: 'Alice Liddell',
      photo_url: null,
      status: 'active',
      role_ids: [roleIdExample],
      joined_at: '2026-01-31T09:30:00.000Z',
    },
  });
export type Member = z.output<typeof Member>;

const roleIds = z.array(RoleId).max(limits.idsPerCall);

export const NewMember = z
  .strictObject({
    id: UserId.optional().openapi({
      description: 'Your id for the user; made by Rolecall when absent.',
    }),
    email: email(),
    name: line(255).nullable().optional(),
    role_ids: roleIds.optional().openapi({ description: 'Absent: the role `member`.' }),
  })
  .openapi('NewMember', {
    example: {
      id: 'alice',
      email: 'alice@acme.example',
      name: 'Alice Liddell',
      role_ids: [roleIdExample],
    },
  });
export type NewMember = z.output<typeof NewMember>;

export const RoleSet = z
  .strictObject({
    role_ids: roleIds.openapi({ description: 'All roles from now on; at least one.' }),
  })
  .openapi('RoleSet');
export type RoleSet = z.output<typeof RoleSet>;

export const EffectiveGrants = z
  .object({
    data: z.array(
      z.object({
        scope: z.string(),
        allow: z
          .array(HeldGrant)
          .openapi({ description: 'Of this scope, and of those that imply it.' }),
        deny: z
          .array(HeldGrant)
          .openapi({ description: 'Of this scope, and of those that it implies.' }),
      }),
    ),
    revision: z.string(),
  })
  .openapi('EffectiveGrants');
export type EffectiveGrants = z.output<typeof EffectiveGrants>;

export const addMember = defineEndpoint({
  operationId: 'addMember',
  method: 'post',
  path: '/v1/organizations/{org}/members',
  tag: 'Members',
  summary: 'Add a member',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: InOrganization,
  body: NewMember,
  answer: { status: 201, description: 'The member.', schema: Member, location: true },
  errors: [
    'member_exists',
    'role_not_found',
    'roles_required',
    'multiple_roles_not_enabled',
    'owned_by_workos',
  ],
});

export const listMembers = defineEndpoint({
  operationId: 'listMembers',
  method: 'get',
  path: '/v1/organizations/{org}/members',
  tag: 'Members',
  summary: 'List members',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  query: z.strictObject({
    ...pageQuery,
    search: search.openapi({
      description:
        'Substring of name or e-mail from three characters, word prefix below; any script. A whole e-mail address that somebody has finds who has it alone.',
    }),
    role_id: RoleId.optional(),
    status: MembershipStatus.optional(),
  }),
  answer: {
    status: 200,
    description: 'One page, in the order in which they joined.',
    schema: pageOf(Member, 'MemberPage'),
  },
  errors: ['role_not_found'],
});

export const getMember = defineEndpoint({
  operationId: 'getMember',
  method: 'get',
  path: '/v1/organizations/{org}/members/{user_id}',
  tag: 'Members',
  summary: 'Read a member',
  key: 'manage',
  onBehalf: true,
  params: OfMember,
  answer: { status: 200, description: 'The member.', schema: Member },
  errors: ['member_not_found'],
});

export const removeMember = defineEndpoint({
  operationId: 'removeMember',
  method: 'delete',
  path: '/v1/organizations/{org}/members/{user_id}',
  tag: 'Members',
  summary: 'Remove a member',
  description: 'Their assignments and direct grants go with them.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: OfMember,
  answer: { status: 204, description: 'They are no member any more.' },
  errors: ['member_not_found', 'last_admin', 'owned_by_workos'],
});

export const setMemberRoles = defineEndpoint({
  operationId: 'setMemberRoles',
  method: 'put',
  path: '/v1/organizations/{org}/members/{user_id}/roles',
  tag: 'Members',
  summary: 'Set the roles of a member',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: OfMember,
  body: RoleSet,
  answer: { status: 200, description: 'The member as it is now.', schema: Member },
  errors: [
    'member_not_found',
    'role_not_found',
    'roles_required',
    'last_admin',
    'multiple_roles_not_enabled',
    'owned_by_workos',
  ],
});

export const listEffectiveGrants = defineEndpoint({
  operationId: 'listEffectiveGrants',
  method: 'get',
  path: '/v1/organizations/{org}/members/{user_id}/grants',
  tag: 'Members',
  summary: 'Read what a member may do',
  description: 'The grants of all their roles and their own, under every scope they speak about.',
  key: 'manage',
  onBehalf: true,
  params: OfMember,
  answer: { status: 200, description: 'Grants by scope.', schema: EffectiveGrants },
  errors: ['member_not_found'],
});
