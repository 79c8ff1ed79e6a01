import type { Verification } from '@rolecall/server';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { count, createProgress, printable } from '../output/index.ts';
import type { Bind, Outcome, Session } from '../session/index.ts';
import type { KnownHead } from './audit-heads.ts';

interface Options {
  readonly head?: string;
  readonly heads?: string;
}

/** `rolecall audit verify`: reads the history in the database itself, and trusts nothing else of it. */
export function addAuditVerifyCommand(audit: Command, bind: Bind): void {
  audit
    .command('verify')
    .description('check that nothing of the history was changed, removed, added or reordered')
    .argument('[org]', 'its id (default: all organizations)')
    .option('--head <sequence:hash>', 'a head of it that was kept elsewhere')
    .option('--heads <file>', 'heads that `audit head` wrote and that were kept elsewhere')
    .action(bind(verify));
}

async function verify(
  session: Session,
  [org]: readonly [string | undefined],
  options: Options,
): Promise<Outcome> {
  const { eachAuditHead } = await import('@rolecall/server');
  const { withDatabase } = await import('./with-database.ts');
  const known = await readKnown(org, options);
  const found = await withDatabase(session, async ({ roles }, { db }) => {
    const broken: Failure[] = [];
    let entries = 0;
    let organizations = 0;
    const one = async (id: string): Promise<void> => {
      const result = await verifyOne(session, roles, { id, knownHead: known.get(id) });
      organizations += 1;
      entries += result.entries;
      if (result.broken !== null) broken.push({ organization_id: id, ...result.broken });
    };
    if (org !== undefined) await one(org);
    else {
      const missing = new Set(known.keys());
      for await (const { organizationId } of eachAuditHead(db)) {
        missing.delete(organizationId);
        await one(organizationId);
      }
      for (const id of missing) broken.push(goneEntirely(id));
    }
    return { ok: broken.length === 0, organizations, entries, broken };
  });
  session.output.answer(found, () => render(found, session));
  return found.ok ? exitCodes.done : exitCodes.refused;
}

interface Failure {
  readonly organization_id: string;
  readonly break: string;
  readonly sequence: number;
  readonly message: string;
}

interface Found {
  readonly ok: boolean;
  readonly organizations: number;
  readonly entries: number;
  readonly broken: readonly Failure[];
}

async function readKnown(
  org: string | undefined,
  { head, heads }: Options,
): Promise<ReadonlyMap<string, KnownHead>> {
  const { headWithoutOrganization, parseHead, readHeads } = await import('./audit-heads.ts');
  if (head !== undefined && org === undefined) throw headWithoutOrganization();
  const known = heads === undefined ? new Map<string, KnownHead>() : await readHeads(heads);
  return head === undefined || org === undefined
    ? known
    : new Map([...known, [org, parseHead(head)]]);
}

interface Verifier {
  readonly verifyHistory: (
    organizationId: string,
    options: {
      readonly knownHead?: KnownHead | undefined;
      readonly onProgress: (done: number, total: number) => void;
    },
  ) => Promise<Verification>;
}

async function verifyOne(
  { output }: Session,
  { verifyHistory }: Verifier,
  { id, knownHead }: { readonly id: string; readonly knownHead: KnownHead | undefined },
): Promise<Verification> {
  let progress: Awaited<ReturnType<typeof createProgress>> | undefined;
  let opening: Promise<unknown> | undefined;
  const onProgress = (done: number, total: number): void => {
    // A history that is read in one batch needs no bar.
    if (done < total) {
      opening ??= createProgress(output, { doing: `Reading ${printable(id)}`, total }).then(
        (bar) => {
          progress = bar;
        },
      );
    }
    progress?.advance(done);
  };
  try {
    return await verifyHistory(id, { knownHead, onProgress });
  } finally {
    await opening;
    progress?.stop();
  }
}

function goneEntirely(id: string): Failure {
  const message = 'a head of it was kept, and the organization is not there';
  return { organization_id: id, break: 'organization_missing', sequence: 0, message };
}

function render({ ok, organizations, entries, broken }: Found, { output }: Session): string {
  const { style } = output;
  const read = `${count(entries, 'event')} of ${count(organizations, 'organization')}`;
  if (ok) return `${style.good('✓')} ${read}: every one is as it was written`;
  const lines = broken.map(
    (failure) =>
      `${style.bad('✗')} ${style.bold(printable(failure.organization_id))} at ${failure.sequence}: ` +
      `${printable(failure.message)} ${style.dim(failure.break)}`,
  );
  return [...lines, style.dim(`${read} were read`)].join('\n');
}
