/** Closes one thing after the other; one that fails does not keep the next from being closed. */
export async function closeInOrder(
  ...closers: readonly (() => Promise<unknown> | undefined)[]
): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the shutdown was not clean');
}
