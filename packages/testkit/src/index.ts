/** What tests are built with: databases of their own, builders of rows, a clock that obeys. */
export {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts';
export { testServer, type TestServer } from './test-server.ts';
export { fakeClock, type FakeClock } from './fake-clock.ts';
export {
  buildOrganization,
  type BuiltOrganization,
  type OrganizationPlan,
} from './builders/organization.ts';
export {
  buildMember,
  buildUser,
  type BuiltMember,
  type BuiltUser,
  type MemberPlan,
  type UserPlan,
} from './builders/member.ts';
export { buildRole, type BuiltRole, type RolePlan } from './builders/role.ts';
export { buildAssignment, type AssignmentPlan } from './builders/assignment.ts';
export { buildGrant, type GrantPlan, type GrantRowPlan } from './builders/grant.ts';
export { buildApiKey, type ApiKeyPlan, type BuiltApiKey } from './builders/api-key.ts';
export { anyText } from './any-text.ts';
export { eventually } from './eventually.ts';
export { forkProgram } from './fork-program.ts';
export { freePort, isListening } from './ports.ts';
export { startOwnServer, type OwnServer } from './own-server.ts';
export { pretendOldPostgres } from './old-postgres.ts';
export { explain, type ExplainOptions, type Plan, type PlanNode } from './explain.ts';
export { seedMany, type SeedPlan } from './seed/seed-many.ts';
export { type SeededIds } from './seed/seeded-ids.ts';
