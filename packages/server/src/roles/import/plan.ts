import { randomUUID } from 'node:crypto';
import { type Grant, grantKey } from '@rolecall/policy';
import { type NewMembership, normalizeLine } from '../../identity/index.ts';
import { changesFields } from '../role-edit.ts';
import { normalizeDescription, type RoleFields } from '../role-fields.ts';
import { type RoleSetChange, roleSetOf } from '../role-sets.ts';
import { chooseSlug, slugCandidates } from '../slug.ts';
import { type ImportDocument, type ImportedMember, type ImportedRole } from './document.ts';
import { type ImportFacts, type KnownRole } from './facts.ts';

/** A role that an import makes. */
export interface RoleCreation extends RoleFields {
  readonly id: string;
  readonly key: string;
  readonly slug: string;
  readonly grants: readonly Grant[];
}

/** A role that an import changes: what it says of itself, and the grants that it gains. */
export interface RoleUpdate extends RoleFields {
  readonly id: string;
  readonly before: KnownRole;
  readonly renamed: boolean;
  readonly gained: readonly Grant[];
}

/** A member that an import makes. */
export interface MemberCreation extends NewMembership {
  readonly roleIds: readonly string[];
}

/** A member whose profile an import changes. */
export interface ProfileUpdate extends NewMembership {
  readonly before: { readonly email: string | null; readonly name: string | null };
}

/** All that has to be written for a document to be true; nothing is ever taken away. */
export interface ImportPlan {
  readonly roleCreations: readonly RoleCreation[];
  readonly roleUpdates: readonly RoleUpdate[];
  readonly memberCreations: readonly MemberCreation[];
  readonly profileUpdates: readonly ProfileUpdate[];
  readonly roleSets: readonly RoleSetChange[];
}

/** The candidates for the slug of a role of the document, drawn once. */
export type SlugDraw = ReadonlyMap<string, readonly string[]>;

/** Draws slugs for every role of a document that may have to be made. */
export function drawSlugs(roles: readonly ImportedRole[]): SlugDraw {
  return new Map(roles.map(({ key, name }) => [key, slugCandidates(name)]));
}

/** The id of every role that a member of the document may name, by key; those that are made get theirs here. */
export function assignRoleIds(
  roles: readonly ImportedRole[],
  facts: ImportFacts,
): ReadonlyMap<string, string> {
  const made = roles.map(({ key }): [string, string] => [key, randomUUID()]);
  const known = [...facts.roles].map(([key, { id }]): [string, string] => [key, id]);
  return new Map([...made, ...known, ...facts.systemRoles]);
}

/** What an import needs beside the facts: rows, ids and slugs of the document's roles. */
export interface PlanParts {
  readonly grants: readonly (readonly Grant[])[];
  readonly roleIds: ReadonlyMap<string, string>;
  readonly slugs: SlugDraw;
  /** What a new member holds who is given no role. */
  readonly memberRoleId: string;
}

/** What has to be written for a valid document. Pure, but for what is drawn in `parts`. */
export function planImport(
  { roles = [], members = [] }: ImportDocument,
  facts: ImportFacts,
  parts: PlanParts,
): ImportPlan {
  const fresh = members.filter(({ id }) => !facts.members.has(id));
  return {
    roleCreations: planCreations(roles, facts, parts),
    roleUpdates: roles.flatMap((role, index) => planUpdate(role, facts, parts.grants[index] ?? [])),
    memberCreations: fresh.map((member) => ({
      ...profileOf(member, null),
      roleIds: orMember(idsOf(member, parts), parts),
    })),
    profileUpdates: facts.linked ? [] : members.flatMap((member) => planProfile(member, facts)),
    roleSets: members.flatMap((member) => planRoleSet(member, facts, parts)),
  };
}

function planCreations(
  roles: readonly ImportedRole[],
  facts: ImportFacts,
  { grants, roleIds, slugs }: PlanParts,
): readonly RoleCreation[] {
  const taken = new Set(facts.takenSlugs);
  return roles.flatMap((role, index) => {
    if (facts.roles.has(role.key)) return [];
    const slug =
      chooseSlug(slugs.get(role.key) ?? [], taken) ?? chooseSlug(slugCandidates(''), taken) ?? '';
    taken.add(slug);
    return [
      {
        id: roleIds.get(role.key) ?? '',
        key: role.key,
        slug,
        name: normalizeLine(role.name),
        description: normalizeDescription(role.description),
        grants: grants[index] ?? [],
      },
    ];
  });
}

function planUpdate(
  { key, name, description }: ImportedRole,
  facts: ImportFacts,
  grants: readonly Grant[],
): readonly RoleUpdate[] {
  const before = facts.roles.get(key);
  if (before === undefined) return [];
  const held = new Set(before.grants.map(grantKey));
  const gained = grants.filter((grant) => !held.has(grantKey(grant)));
  const fields = {
    name: normalizeLine(name),
    description: description === undefined ? before.description : normalizeDescription(description),
  };
  const renamed = changesFields(before, fields);
  return renamed || gained.length > 0
    ? [{ id: before.id, before, renamed, gained, ...fields }]
    : [];
}

function planProfile(member: ImportedMember, facts: ImportFacts): readonly ProfileUpdate[] {
  const before = facts.members.get(member.id);
  if (before === undefined) return [];
  const profile = profileOf(member, before.name);
  const { email, name } = before;
  return profile.email === email && profile.name === name
    ? []
    : [{ ...profile, before: { email, name } }];
}

function planRoleSet(
  imported: ImportedMember,
  facts: ImportFacts,
  parts: PlanParts,
): readonly RoleSetChange[] {
  const member = facts.members.get(imported.id);
  if (member === undefined) return [];
  const after = orMember(roleSetOf([...member.roleIds, ...idsOf(imported, parts)]), parts);
  return after.length > member.roleIds.length ? [{ member, after }] : [];
}

function profileOf(member: ImportedMember, known: string | null): NewMembership {
  const { id, email, name } = member;
  return {
    userId: id,
    email: email.trim(),
    name: typeof name === 'string' ? normalizeLine(name) : known,
  };
}

function idsOf({ roles }: ImportedMember, { roleIds }: PlanParts): readonly string[] {
  return roleSetOf(roles.flatMap((key) => roleIds.get(key) ?? []));
}

function orMember(roleIds: readonly string[], { memberRoleId }: PlanParts): readonly string[] {
  return roleIds.length === 0 ? [memberRoleId] : roleIds;
}
