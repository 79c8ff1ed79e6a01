import { loadBuiltCli } from './program.ts';
import { type Finished, type Place, repository } from './rolecall-process.ts';

/**
 * Runs one command of the command line to its end in this process, because there are many: everything of it but the
 * launcher, which those that run in processes of their own have.
 */
export async function runHere(place: Place, args: readonly string[]): Promise<Finished> {
  const { runCli } = await loadBuiltCli();
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: process.stdin,
    directory: repository,
    environment: place.environment,
  });
  return { code, out, err };
}
