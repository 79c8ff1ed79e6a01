import type { Command } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import { count, createSteps, printable } from '../output/index.ts';

/** `rolecall migrate`: the schema of this version. */
export function addMigrateCommand(program: Command, bind: Bind): void {
  program
    .command('migrate')
    .description('bring the schema of the database up to date; safe to run anywhere, at any time')
    .option('--status', 'only show what is applied and what is not')
    .action(
      bind((session, _args: readonly [], { status }: { status?: boolean }) =>
        migrate(session, status),
      ),
    );
}

async function migrate(session: Session, onlyStatus = false): Promise<undefined> {
  const { migrationStatus, runMigrations } = await import('@rolecall/server/database');
  const { reachDatabase } = await import('../database/index.ts');
  const { output } = session;
  const steps = createSteps(output);
  const database = await steps.run(
    'Reaching the database',
    (say) => reachDatabase(session.config(), { create: true, say }),
    () => undefined,
  );
  try {
    const applied = onlyStatus
      ? []
      : await steps.run(
          'Applying migrations',
          (say) =>
            runMigrations(database.url, {
              onProgress: ({ name }) => {
                say(`Applying ${name}`);
              },
            }),
          (names) => `${count(names.length, 'migration')} applied`,
        );
    const status = await migrationStatus(database.url);
    output.answer({ ...asJson(status), applied_now: applied }, () => {
      const { style } = output;
      return [
        `PostgreSQL ${printable(status.serverVersion)}`,
        ...status.applied.map(({ name }) => {
          const fresh = applied.includes(name) ? style.dim('  just now') : '';
          return `  ${style.good('✓')} ${printable(name)}${fresh}`;
        }),
        ...status.pending.map((name) => `  ${style.warning('·')} ${printable(name)}  not applied`),
      ].join('\n');
    });
    return undefined;
  } finally {
    await database.release();
  }
}

function asJson(status: {
  readonly serverVersion: string;
  readonly applied: readonly { readonly name: string; readonly appliedAt: string }[];
  readonly pending: readonly string[];
}): object {
  return {
    server_version: status.serverVersion,
    applied: status.applied.map(({ name, appliedAt }) => ({ name, applied_at: appliedAt })),
    pending: status.pending,
  };
}
