import type { Enforcement } from '@rolecall/contract';
import { Argument, type Command } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import type { Answer } from '../client/index.ts';
import { printable } from '../output/index.ts';

type State = Enforcement['state'];

/** `rolecall org enforcement`: whether checks decide, and what stands in the way. */
export function addEnforcementCommand(org: Command, bind: Bind): void {
  org
    .command('enforcement')
    .description('show the enforcement and its preflight, or set it')
    .argument('<org>', 'its id')
    .addArgument(new Argument('[state]', 'the new state').choices(['off', 'shadow', 'enforced']))
    .option('--bootstrap', 'make first what can be made: system roles, `member` for those without')
    .action(
      bind(
        async (
          session,
          [id, state]: readonly [string, State | undefined],
          options: { bootstrap?: boolean },
        ) => {
          const { endpoints } = await import('@rolecall/contract');
          const api = await session.api();
          const params = { org: id };
          if (state === undefined)
            show(session, await api.call(endpoints.getEnforcement, { params }));
          else {
            const body = { state, bootstrap: options.bootstrap };
            show(
              session,
              await api.call(endpoints.setEnforcement, { params, body }),
              'enforcement set',
            );
          }
          return undefined;
        },
      ),
    );
}

function show({ output }: Session, { value, body }: Answer<Enforcement>, done?: string): void {
  output.answer(body, () => {
    const { style } = output;
    const items = value.preflight.items.map((item) => {
      const mark = item.passed ? style.good('✓') : style.bad('✗');
      const advice = item.passed ? '' : `\n      ${style.dim(printable(item.advice))}`;
      return `  ${mark} ${printable(item.message)}${advice}`;
    });
    const head = done === undefined ? '' : `${style.good('✓')} ${done}: `;
    return [`${head}${style.bold(value.state)}`, ...items].join('\n');
  });
}
