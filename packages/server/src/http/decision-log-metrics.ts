import { Counter, Gauge, type Registry } from 'prom-client';
import { type DecisionLog } from '../decisions/index.ts';

/** Adds what becomes of decisions that are to be logged. */
export function addDecisionLogMetrics(registry: Registry, decisions: DecisionLog): void {
  new Gauge({
    name: 'rolecall_decision_log_waiting',
    help: 'Decisions that wait to be written to the log',
    registers: [registry],
    collect() {
      this.set(decisions.report().waiting);
    },
  });
  new Counter({
    name: 'rolecall_decision_log_total',
    help: 'Decisions by what became of them: written to the log, or dropped for want of room',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      const { written, dropped } = decisions.report();
      this.reset();
      this.inc({ result: 'written' }, written);
      this.inc({ result: 'dropped' }, dropped);
    },
  });
}
