/** Freshness: what other nodes change is polled for, and nobody is answered from what may be older than the bound. */
export { type ChangeRow } from './changes-store.ts';
export { Freshness, type FreshnessSettings, type Perishable } from './freshness.ts';
