import type { Style } from '../output/index.ts';

/** What the screen of `rolecall start` says once everything runs. */
export interface StartScreen {
  readonly url: string;
  /** The secret, when it was made just now and is shown this once. */
  readonly newKey: string | undefined;
  /** The end of a key that works; none when every key is revoked. */
  readonly keyHint: string | undefined;
  /** Whether that is the key of ROLECALL_API_KEY. */
  readonly keyIsGiven: boolean;
  /** Whether there is anything to ask about yet. */
  readonly isEmpty: boolean;
  /** Where the data is, as a person would say it. */
  readonly place: string;
  /** Whether the command line finds it without being told its address. */
  readonly isFound: boolean;
  /** Whether others on the network can reach it. */
  readonly isPublic: boolean;
}

const LABEL_WIDTH = 12;

/** The screen: where it is, the key, and lines that work when they are pasted into a terminal. */
export function renderStartScreen(screen: StartScreen, style: Style): string {
  const { url } = screen;
  const sections = [
    [
      row('API', style.accent(url), style),
      row('Reference', style.accent(`${url}/docs`), style),
      ...keyRows(screen, style),
    ],
    [style.dim('Try it in another terminal:'), ...indent(firstCall(screen))],
    ...(screen.isEmpty ? [sample(screen, style)] : []),
    [
      ...(screen.isPublic
        ? [style.warning('Others on the network can reach it, without TLS.')]
        : []),
      style.dim(`Ctrl+C stops it; ${screen.place}.`),
    ],
  ];
  return `\n${sections.map((lines) => lines.map((line) => `  ${line}`).join('\n')).join('\n\n')}\n`;
}

function row(label: string, text: string, style: Style): string {
  return `${style.dim(label.padEnd(LABEL_WIDTH))}${text}`;
}

function keyRows({ newKey, keyHint, keyIsGiven }: StartScreen, style: Style): readonly string[] {
  if (newKey !== undefined) {
    const once = 'shown only now; whoever has it may do everything';
    return [row('Key', style.bold(newKey), style), row('', style.dim(once), style)];
  }
  if (keyIsGiven) return [row('Key', 'that of ROLECALL_API_KEY', style)];
  const lost = 'npx rolecall keys create admin --direct';
  if (keyHint === undefined) {
    return [row('Key', `${style.warning('none works')}; make one: ${lost}`, style)];
  }
  return [
    row('Key', `the one that ends in ${style.bold(keyHint)}`, style),
    row('', style.dim(`lost? ${lost}`), style),
  ];
}

function firstCall(screen: StartScreen): readonly string[] {
  const key = screen.newKey ?? '$ROLECALL_API_KEY';
  return [`curl -s ${screen.url}/v1/scopes \\`, `  -H "Authorization: Bearer ${key}"`];
}

function sample({ url, newKey, isFound }: StartScreen, style: Style): readonly string[] {
  const check = {
    principal: 'user:hc-u1',
    checks: [{ scope: 'project:read', resource_id: 'p2' }],
  };
  return [
    style.dim('Import a real organization, and ask who may do what:'),
    ...indent([
      ...(isFound ? [] : [`export ROLECALL_URL=${url}`]),
      ...(newKey === undefined ? [] : [`export ROLECALL_API_KEY=${newKey}`]),
      'npx rolecall import examples/data/hc.json.gz',
      'npx rolecall explain hc user:hc-u1 project:read p2',
      `curl -s ${url}/v1/organizations/hc/check \\`,
      '  -H "Authorization: Bearer $ROLECALL_API_KEY" -H "Content-Type: application/json" \\',
      `  -d '${JSON.stringify(check)}'`,
    ]),
  ];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
