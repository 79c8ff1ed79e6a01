/** The commands, one file each. What a command needs beyond its words is loaded when it runs. */
export { addAccessCommands } from './access.ts';
export { addDecisionsCommand } from './decisions.ts';
export { addAuditCommand } from './audit.ts';
export { addDoctorCommand } from './doctor.ts';
export { addImportCommand } from './import.ts';
export { addKeysCommand } from './keys.ts';
export { addLegacyCommands } from './legacy.ts';
export { addMembersCommand } from './members.ts';
export { addMigrateCommand } from './migrate.ts';
export { addOrgCommand } from './org.ts';
export { addRolesCommand } from './roles.ts';
export { addServeCommand } from './serve.ts';
export { addStartCommand } from './start.ts';
export { addSyncCommand } from './sync/index.ts';
export { addWorkerCommand } from './worker.ts';
