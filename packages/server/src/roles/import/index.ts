/** Importing a whole organization as one document: judged first, then written, all or nothing. */
export {
  type ImportDocument,
  type ImportedMember,
  type ImportedRole,
  type ImportResult,
} from './document.ts';
export { importOrganization } from './import-organization.ts';
