/** What the port does not do and its tests need: people come and go. */
export interface RawApi {
  readonly createUser: (email: string) => Promise<string>;
  readonly createMembership: (
    organizationId: string,
    userId: string,
    roleSlug: string,
  ) => Promise<string>;
  readonly deactivateMembership: (id: string) => Promise<void>;
  /** Removes what the two above and the port have created; what is gone already is no error. */
  readonly deleteOrganization: (id: string) => Promise<void>;
  readonly deleteUser: (id: string) => Promise<void>;
}

/** Speaks to the API without any client. */
export function rawApi(apiUrl: string, apiKey: string): RawApi {
  const call = async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok && response.status !== 404) throw new Error(`${method} ${path}: ${text}`);
    if (text === '') return '';
    const { id } = JSON.parse(text) as { readonly id?: unknown };
    return String(id);
  };
  return {
    createUser: (email) => call('POST', '/user_management/users', { email }),
    createMembership: (organizationId, userId, roleSlug) =>
      call('POST', '/user_management/organization_memberships', {
        organization_id: organizationId,
        user_id: userId,
        role_slug: roleSlug,
      }),
    deactivateMembership: async (id) => {
      await call('PUT', `/user_management/organization_memberships/${id}/deactivate`);
    },
    deleteOrganization: async (id) => {
      await call('DELETE', `/organizations/${id}`);
    },
    deleteUser: async (id) => {
      await call('DELETE', `/user_management/users/${id}`);
    },
  };
}
