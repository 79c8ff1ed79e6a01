import type { Output } from '../output/index.ts';
import type { Activity } from '../simulated/index.ts';
import type { Wired } from '../wire.ts';

/** Shows what goes to and fro, for who tries the lines of the screen. Resolves to what ends it. */
export async function watchActivity(
  wired: Wired,
  databaseUrl: string,
  output: Output,
): Promise<() => void> {
  const { tellActivity } = await import('../simulated/index.ts');
  return tellActivity(wired, databaseUrl, (activity) => {
    output.note(activityLine(activity, output));
  });
}

function activityLine({ way, what, detail }: Activity, { errorStyle }: Output): string {
  const time = errorStyle.dim(new Date().toISOString().slice(11, 23));
  const arrow = way === 'to_workos' ? errorStyle.accent('→ WorkOS') : errorStyle.good('← WorkOS');
  return `  ${time}  ${arrow}  ${what}  ${errorStyle.dim(detail)}`;
}
