/** Memory: the states of organizations that are kept, each of one revision, bounded by bytes. */
export { type KeptKey, KeyMemory, type KeyTicket } from './key-memory.ts';
export { type LoadTicket, Memory, type MemoryCounts } from './memory.ts';
export { type LoadedHolder, type OrganizationMemory } from './organization-memory.ts';
