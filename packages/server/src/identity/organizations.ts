import { type Reader } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { type Page, type PageRequest } from '../paging/index.ts';
import { type Organization } from './organization.ts';

export interface OrganizationFilter {
  /** Found in the name or the id: a substring from three characters, a word's beginning below. */
  readonly search?: string;
  /** Only this organization: all that a key of one organization may see. */
  readonly onlyId?: string;
}

/** One organization. Throws `organization_not_found`. */
export function getOrganization(_reader: Reader, _id: string): Promise<Organization> {
  return Promise.reject(defect('not written yet'));
}

/** One page of the organizations, oldest first. */
export function listOrganizations(
  _reader: Reader,
  _page: PageRequest,
  _filter?: OrganizationFilter,
): Promise<Page<Organization>> {
  return Promise.reject(defect('not written yet'));
}
