import { draw } from '../random.ts';
import { pathPattern } from '../request-log.ts';
import { type ActiveFaultRule, type Fault, faultName, type FaultRule } from './fault.ts';

interface Entry {
  readonly id: string;
  readonly rule: FaultRule;
  readonly path: RegExp | null;
  readonly occurrences: Map<string, number>;
  seen: number;
  struck: number;
}

/**
 * The rules in force. The first one that strikes wins. Whether a rule with a rate strikes depends on
 * the seed, the rule, method and path, and the how-manyeth such request it is: not on what else is
 * going on at the time.
 */
export class FaultRules {
  readonly #seed: string;
  #entries: Entry[] = [];
  #made = 0;
  readonly #struck = new Map<string, number>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Puts a rule in force and returns its id. */
  add(rule: FaultRule): string {
    this.#made += 1;
    const id = `fault_${this.#made}`;
    const path = rule.match?.path === undefined ? null : pathPattern(rule.match.path);
    this.#entries.push({ id, rule, path, occurrences: new Map(), seen: 0, struck: 0 });
    return id;
  }

  remove(id: string): void {
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
  }

  clear(): void {
    this.#entries = [];
  }

  list(): readonly ActiveFaultRule[] {
    return this.#entries.map(({ id, rule, seen, struck }) => ({ ...rule, id, seen, struck }));
  }

  /** How often each kind of fault has struck since the start. */
  struck(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#struck);
  }

  /** The fault this request meets. */
  strike(method: string, path: string): Fault | null {
    for (const entry of this.#entries) {
      const { match } = entry.rule;
      if (match?.method !== undefined && match.method !== method) continue;
      if (entry.path && !entry.path.test(path)) continue;
      entry.seen += 1;
      if (!this.#strikes(entry, `${method} ${path}`)) continue;
      entry.struck += 1;
      this.note(faultName(entry.rule.fault));
      return entry.rule.fault;
    }
    return null;
  }

  /** Counts a fault that is not the work of a rule. */
  note(name: string): void {
    this.#struck.set(name, (this.#struck.get(name) ?? 0) + 1);
  }

  #strikes(entry: Entry, call: string): boolean {
    const { nth, times, rate } = entry.rule;
    if (nth && !nth.includes(entry.seen)) return false;
    if (times !== undefined && entry.struck >= times) return false;
    if (rate === undefined) return true;
    const occurrence = (entry.occurrences.get(call) ?? 0) + 1;
    entry.occurrences.set(call, occurrence);
    return draw(this.#seed, entry.id, call, occurrence) < rate;
  }
}
