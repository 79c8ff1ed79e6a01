import {
  type Decision as WireDecision,
  type Explanation as WireExplanation,
} from '@rolecall/contract';
import { type Decision } from '@rolecall/policy';
import { type ExplainResult } from '../../access/index.ts';
import { defined } from '../defined.ts';
import { toWireHeldGrant } from './grants.ts';

/** The answer, and of what decided it only that which the caller may have forgotten. */
export function toWireDecision({
  allowed,
  reason,
  enforced,
  undetermined,
}: Decision): WireDecision {
  return {
    allowed,
    reason,
    ...(enforced !== undefined && { enforced }),
    ...(undetermined.length > 0 && { undetermined: undetermined.map(toWireHeldGrant) }),
  };
}

export function toWireExplanation(explanation: ExplainResult): WireExplanation {
  const { decision, sentences, near_misses, missing, revision } = explanation;
  return {
    decision: {
      allowed: decision.allowed,
      reason: decision.reason,
      ...defined({ enforced: decision.enforced }),
      matched: decision.matched.map(toWireHeldGrant),
      denied_by: decision.denied_by.map(toWireHeldGrant),
      undetermined: decision.undetermined.map(toWireHeldGrant),
    },
    sentences: [...sentences],
    near_misses: near_misses.map(({ grant, obstacle, sentence }) => ({
      grant: toWireHeldGrant(grant),
      obstacle,
      sentence,
    })),
    ...(missing !== undefined && { missing: { ...missing, selector: { ...missing.selector } } }),
    revision,
  };
}
