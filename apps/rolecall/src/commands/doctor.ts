import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { createSteps, type Output, padEnd } from '../output/index.ts';
import type { Bind, Outcome, Session } from '../session/index.ts';
import { findRunning } from '../running.ts';
import type { Finding } from '../doctor/index.ts';

interface Options {
  readonly config?: string;
}

/** `rolecall doctor`: what is wrong with this installation, and what to do about it. */
export function addDoctorCommand(program: Command, bind: Bind): void {
  program
    .command('doctor')
    .description('look at the database and the configuration, and say what is wrong')
    .option('--config <file>', 'the configuration file (default: rolecall.config.ts)')
    .action(bind((session, _args: readonly [], options: Options) => examine(session, options)));
}

async function examine(session: Session, options: Options): Promise<Outcome> {
  const { output } = session;
  const findings = await findAll(session, options);
  const worst = findings.some(({ status }) => status === 'fail') ? 'fail' : 'ok';
  const summary = {
    ok: worst === 'ok',
    findings,
  };
  output.answer(summary, () => render(findings, output));
  return worst === 'ok' ? exitCodes.done : exitCodes.refused;
}

async function findAll(session: Session, options: Options): Promise<readonly Finding[]> {
  const { migrationStatus, openDatabase } = await import('@rolecall/server/database');
  const { checkData, checkDataDirectory, checkMemory, checkRunner, checkServer, ...more } =
    await import('../doctor/index.ts');
  const { checkSync, describePolicy } = more;
  const { reachDatabase } = await import('../database/index.ts');
  const { loadPolicy } = await import('../policy-file.ts');
  const { world, output } = session;
  const config = session.config();
  const loaded = await loadPolicy(world.directory, options.config);
  const reached = await createSteps(output).run(
    'Reaching the database',
    (say) => reachDatabase(config, { create: false, say }),
    () => undefined,
  );
  const database = openDatabase({
    url: reached.url,
    applicationName: 'rolecall doctor',
    preparedStatements: config.pooler === 'none',
  });
  try {
    const status = await migrationStatus(reached.url);
    const findings: Finding[] = [
      { name: 'node', status: 'ok', message: `Node ${process.versions.node}` },
      describePolicy(loaded),
      ...(reached.kind === 'given' ? [] : [await checkDataDirectory(config, reached.kind)]),
      ...(await checkServer(database)),
      migrationsFinding(status),
    ];
    if (status.pending.length === 0) {
      findings.push(...(await checkData(database, loaded.policy)));
      findings.push(...(await checkSync(database, config)), await checkRunner(config));
    }
    const url = config.url ?? (await findRunning(config.dataDirectory))?.url;
    if (url !== undefined) findings.push(await checkMemory(url));
    return findings;
  } finally {
    await database.close();
    await reached.release();
  }
}

function migrationsFinding(status: {
  readonly applied: readonly unknown[];
  readonly pending: readonly string[];
}): Finding {
  const name = 'migrations';
  if (status.pending.length === 0) {
    return { name, status: 'ok', message: `all ${status.applied.length} are applied` };
  }
  return {
    name,
    status: 'fail',
    message: `${status.pending.length} not applied, from ${status.pending[0] ?? ''}`,
    advice: 'apply them with: npx rolecall migrate',
  };
}

function render(findings: readonly Finding[], { style }: Output): string {
  const marks = { ok: style.good('✓'), warn: style.warning('!'), fail: style.bad('✗') };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, status, message, advice }) => {
    const line = `${marks[status]} ${style.dim(padEnd(name, width))}  ${message}`;
    return advice === undefined ? line : `${line}\n  ${' '.repeat(width)}  ${style.dim(advice)}`;
  });
  const wrong = findings.filter(({ status }) => status !== 'ok').length;
  const end =
    wrong === 0 ? style.good('All is well.') : `${wrong} of ${findings.length} need a look.`;
  return [...lines, '', end].join('\n');
}
