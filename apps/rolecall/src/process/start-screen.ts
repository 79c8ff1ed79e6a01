import { relative } from 'node:path';
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
  readonly workos: WorkosOnScreen;
  /** Whether the organization that the sample makes is there already. */
  readonly sampleIsThere: boolean;
  /** Where the data is, as a person would say it. */
  readonly place: string;
  /** Whether the command line finds it without being told its address. */
  readonly isFound: boolean;
  /** Whether others on the network can reach it. */
  readonly isPublic: boolean;
}

/** The WorkOS that is kept equal. */
export interface WorkosOnScreen {
  readonly url: string;
  /** Its key, and its organizations by their ids here; nothing of the real one. */
  readonly simulated:
    { readonly apiKey: string; readonly organizations: readonly string[] } | undefined;
  /** Whether its webhooks are believed; without them, changes there are found every minute. */
  readonly expectsWebhooks: boolean;
}

const LABEL_WIDTH = 12;

/** The screen: where it is, the key, and lines that work when they are pasted into a terminal. */
export function renderStartScreen(screen: StartScreen, style: Style): string {
  const { url } = screen;
  const sections = [
    [
      row('API', style.accent(url), style),
      row('Reference', style.accent(`${url}/docs`), style),
      ...workosRows(screen.workos, style),
      ...keyRows(screen, style),
    ],
    [style.dim('Try it in another terminal:'), ...indent(firstCall(screen))],
    ...bothWays(screen, style),
    ...(screen.sampleIsThere ? [] : [sample(screen, style)]),
    [
      ...(screen.isPublic
        ? [style.warning('Others on the network can reach it, without TLS.')]
        : []),
      style.dim(`Ctrl+C stops it; ${screen.place}.`),
    ],
  ];
  return `\n${sections.map((lines) => lines.map((line) => `  ${line}`).join('\n')).join('\n\n')}\n`;
}

/** A folder as a person in the working directory would call it. */
export function shortened(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path === '' || path.startsWith('..') ? folder : path;
}

function row(label: string, text: string, style: Style): string {
  return `${style.dim(label.padEnd(LABEL_WIDTH))}${text}`;
}

function workosRows({ url, simulated, expectsWebhooks }: WorkosOnScreen, style: Style): string[] {
  if (simulated !== undefined) {
    return [
      row('WorkOS', `${style.accent(url)}  ${style.bold('simulated')}`, style),
      row('', style.dim(`its key ${simulated.apiKey}`), style),
    ];
  }
  const without = 'no WORKOS_WEBHOOK_SECRET: what changes there is found within a minute';
  return [
    row('WorkOS', style.accent(url), style),
    ...(expectsWebhooks ? [] : [row('', style.dim(without), style)]),
  ];
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
  return [
    ...(screen.isFound ? [] : [`export ROLECALL_URL=${screen.url}`]),
    ...(screen.newKey === undefined ? [] : [`export ROLECALL_API_KEY=${screen.newKey}`]),
    'npx rolecall org list',
    `curl -s ${screen.url}/v1/scopes -H "Authorization: Bearer $ROLECALL_API_KEY"`,
  ];
}

/** One change on each side of a demonstration, and where it shows up. */
function bothWays({ workos }: StartScreen, style: Style): readonly (readonly string[])[] {
  const { url, simulated } = workos;
  if (simulated?.organizations.includes('kestrel') !== true) return [];
  const inDashboard = (action: string): readonly string[] => [
    `curl -s ${url}/_simulator/dashboard/${action} \\`,
    `  -d '${JSON.stringify({ organization: 'kestrel', user: 'leo.grant' })}'`,
  ];
  return [
    [
      style.dim('Change a role here, and see that it is the same in WorkOS:'),
      ...indent([
        'npx rolecall roles update kestrel org-auditor --name Inspector',
        'npx rolecall sync drift kestrel',
      ]),
    ],
    [
      style.dim("Suspend somebody in WorkOS's dashboard, and see that they are denied here:"),
      ...indent([
        ...inDashboard('suspend-member'),
        'npx rolecall explain kestrel user:leo.grant project:read robots',
        ...inDashboard('reactivate-member'),
      ]),
      style.dim('What goes to and fro is shown below, as it happens.'),
    ],
  ];
}

function sample({ url }: StartScreen, style: Style): readonly string[] {
  const check = {
    principal: 'user:hc-u1',
    checks: [{ scope: 'project:read', resource_id: 'p2' }],
  };
  return [
    style.dim("Import a real company's access matrix, and ask who may do what:"),
    ...indent([
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
