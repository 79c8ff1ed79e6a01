/** The code between the `quickstart` markers of a source file. */
export function quickstartOf(source: string): string {
  const found = /\/\/ #region quickstart\n([\s\S]*?)\/\/ #endregion quickstart/.exec(source);
  if (found?.[1] === undefined) throw new Error('the source has no region called `quickstart`');
  return found[1].trim();
}

/** The README with its first block of TypeScript replaced by the quickstart. */
export function withQuickstart(readme: string, source: string): string {
  return readme.replace(/```ts\n[\s\S]*?```/, () => `\`\`\`ts\n${quickstartOf(source)}\n\`\`\``);
}

/** The lines of the README's shell blocks that call a script of the repository or the command line. */
export function shellLinesOf(readme: string): readonly string[] {
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  return blocks
    .flatMap((text) => text.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}
