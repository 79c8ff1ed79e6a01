import type { Directory, DirectoryGroup, DirectoryUser } from '../state/records.ts';
import { isoTime, type Json } from './objects.ts';

export function directoryJson(directory: Directory): Json {
  return {
    ...bareDirectoryJson(directory, 'active'),
    external_key: `key_${directory.id.slice(-16)}`,
    domains: [],
  };
}

/** The payload of `dsync.deleted`, which has neither key nor domains. */
export function deletedDirectoryJson(directory: Directory): Json {
  return bareDirectoryJson(directory, 'inactive');
}

function bareDirectoryJson(directory: Directory, state: 'active' | 'inactive'): Json {
  return {
    object: 'directory',
    id: directory.id,
    organization_id: directory.organizationId,
    type: 'generic scim v2.0',
    state,
    name: directory.name,
    created_at: isoTime(directory.createdAt),
    updated_at: isoTime(directory.updatedAt),
  };
}

export function directoryGroupJson(group: DirectoryGroup): Json {
  return {
    object: 'directory_group',
    id: group.id,
    idp_id: group.idpId,
    directory_id: group.directoryId,
    organization_id: group.organizationId,
    name: group.name,
    raw_attributes: {},
    created_at: isoTime(group.createdAt),
    updated_at: isoTime(group.updatedAt),
  };
}

export function directoryUserJson(user: DirectoryUser): Json {
  const name = [user.firstName, user.lastName].filter((part) => part !== null).join(' ');
  return {
    object: 'directory_user',
    id: user.id,
    idp_id: user.idpId,
    directory_id: user.directoryId,
    organization_id: user.organizationId,
    email: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    name: name === '' ? null : name,
    state: user.state,
    raw_attributes: {},
    custom_attributes: {},
    created_at: isoTime(user.createdAt),
    updated_at: isoTime(user.updatedAt),
  };
}
