/** Organizations, users and memberships, and the one lock that every deciding write begins with. */
export { type Organization } from './organization.ts';
export { getOrganization, listOrganizations, type OrganizationFilter } from './organizations.ts';
