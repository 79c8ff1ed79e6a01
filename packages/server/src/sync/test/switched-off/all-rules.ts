import { accessRules } from './access-rules.ts';
import { type SafetyRule, safetyRules } from './rules.ts';

/** Every rule that is switched off in turn, with its files from `packages/server/src`. */
export const allRules: readonly SafetyRule[] = [...safetyRules.map(fromServer), ...accessRules];

function fromServer({ edits, file, ...rule }: SafetyRule): SafetyRule {
  return {
    ...rule,
    file: `sync/${file}`,
    edits: edits.map((edit) => ({ ...edit, file: `sync/${edit.file}` })),
  };
}
