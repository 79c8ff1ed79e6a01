/** Cost against size: lines in a plane whose axes are both logarithmic. */
export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 80;
const RIGHT = 200;
const TOP = 40;
const BOTTOM = 50;
const COLOURS = ['#0b6e4f', '#c1292e', '#235789', '#f1a208', '#7d4e9e', '#5c5c5c', '#00a6a6'];

/** The chart as SVG that a person can read, too. */
export function renderChart({ title, x, y, series }: Chart): string {
  const points = series.flatMap((one) => one.points);
  const across = makeScale(
    points.map(([value]) => value),
    [LEFT, WIDTH - RIGHT],
  );
  const up = makeScale(
    points.map(([, value]) => value),
    [HEIGHT - BOTTOM, TOP],
  );
  const bottom = HEIGHT - BOTTOM;
  const right = WIDTH - RIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
<text x="${LEFT}" y="20" font-size="14" font-weight="bold">${escape(title)}</text>
<text x="${(LEFT + right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escape(x)}</text>
<text x="14" y="${(TOP + bottom) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(TOP + bottom) / 2})">${escape(y)}</text>
${across.ticks.map((tick) => `<path d="M${across.at(tick)} ${TOP}V${bottom}" stroke="#ddd"/><text x="${across.at(tick)}" y="${bottom + 18}" text-anchor="middle">${shown(tick)}</text>`).join('\n')}
${up.ticks.map((tick) => `<path d="M${LEFT} ${up.at(tick)}H${right}" stroke="#ddd"/><text x="${LEFT - 6}" y="${up.at(tick) + 4}" text-anchor="end">${shown(tick)}</text>`).join('\n')}
${series.map((one, index) => line(one, index)).join('\n')}
</svg>
`;

  function line({ name, points: own }: Series, index: number): string {
    const colour = COLOURS[index % COLOURS.length] ?? 'black';
    const places = own.map(([px, py]) => `${across.at(px)},${up.at(py)}`);
    return `<!-- ${escape(name)}: ${own.map(([px, py]) => `${shown(px)} → ${shown(py)}`).join('; ')} -->
<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>
<rect x="${right + 12}" y="${TOP + index * 20}" width="12" height="12" fill="${colour}"/>
<text x="${right + 30}" y="${TOP + index * 20 + 10}">${escape(name)}</text>`;
  }
}

interface Scale {
  readonly ticks: readonly number[];
  /** The place of a value, to a tenth of a point. */
  readonly at: (value: number) => number;
}

function makeScale(values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const ticks = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step));
  const at = (value: number): number => {
    const share = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
    return Math.round((from + share * (to - from)) * 10) / 10;
  };
  return { ticks, at };
}

function shown(value: number): string {
  return value >= 1
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(2)));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
