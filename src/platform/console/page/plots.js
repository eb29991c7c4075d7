/** The four plots over the last five minutes. */
import uPlot from './uplot.js';
import { amount, clock, latency, megabytes, share } from './format.js';

const SPAN_SECONDS = 300;
const HEIGHT = 150;
const MB = 1_048_576;

/** Lines are told apart by their dashes as well as by their colours. */
const plots = [
  {
    title: 'Requests a second',
    write: amount,
    least: 1,
    lines: [
      { of: '2xx', colour: '--ok', fill: true },
      { of: '3xx', colour: '--blue', dash: [2, 3], quiet: true },
      { of: '4xx', colour: '--warn', dash: [6, 3], quiet: true },
      { of: '5xx', colour: '--bad', width: 2.5, quiet: true },
    ],
  },
  {
    title: 'Latency, over a minute',
    write: latency,
    least: 0.005,
    lines: [
      { of: 'p50', colour: '--ok', fill: true },
      { of: 'p95', colour: '--warn', dash: [6, 3] },
      { of: 'p99', colour: '--bad', dash: [2, 3] },
    ],
  },
  {
    title: 'CPU (left) and event loop (right)',
    write: share,
    least: 0.1,
    lines: [
      { of: 'cpu', name: 'CPU', colour: '--blue', fill: true },
      {
        ...{ of: 'loopLateMs', name: 'loop late', colour: '--warn', dash: [6, 3], scale: 'late' },
        write: (ms) => latency(ms == null ? null : ms / 1000),
      },
    ],
  },
  {
    title: 'Memory',
    write: megabytes,
    least: 100 * MB,
    steps: [10, 20, 50, 100, 200, 500, 1000, 2000, 5000].map((step) => step * MB),
    lines: [
      { of: 'rssBytes', name: 'resident', colour: '--blue', fill: true },
      { of: 'heapBytes', name: 'heap', colour: '--violet', dash: [6, 3] },
    ],
  },
];

/** @returns {{ reset(columns): void, add(point): void }} */
export function makePlots(place) {
  const columns = { at: [] };
  let drawn = [];
  const draw = () => {
    for (const one of drawn) one.end();
    place.replaceChildren();
    drawn = plots.map((plot) => drawPlot(place, plot, columns));
  };
  draw();
  document.addEventListener('theme', draw); // the colours of a canvas do not follow the styles
  return {
    reset(history) {
      Object.assign(columns, history);
      for (const one of drawn) one.update();
    },
    add(point) {
      if (point.at <= (columns.at.at(-1) ?? 0)) return;
      for (const [line, values] of Object.entries(columns)) {
        values.push(point[line] ?? null);
        if (values.length > SPAN_SECONDS) values.shift();
      }
      for (const one of drawn) one.update();
    },
  };
}

function drawPlot(place, { title, write, least, lines, steps }, columns) {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const heading = document.createElement('h3');
  heading.textContent = title;
  const legend = document.createElement('ul');
  legend.className = 'legend';
  const values = lines.map((line) => addToLegend(legend, line));
  caption.append(heading, legend);
  const canvas = document.createElement('div');
  canvas.className = 'plot';
  canvas.ariaHidden = 'true'; // the legend says the numbers of now
  figure.append(caption, canvas);
  place.append(figure);
  // A canvas takes no variables: it is told what they are in the theme of the moment.
  const colour = (name) => {
    canvas.style.color = `var(${name})`;
    return getComputedStyle(canvas).color;
  };

  const data = () => [columns.at, ...lines.map((line) => valuesOf(columns, line))];
  const tell = (at) =>
    lines.forEach((line, n) => {
      const text = (line.write ?? write)(columns[line.of]?.at(at ?? -1));
      if (values[n].textContent !== text) values[n].textContent = text;
    });
  const axis = { stroke: colour('--muted'), font: '11px system-ui', ticks: { show: false } };
  const grid = { stroke: colour('--line'), width: 1 };
  const range = (floor) => (_plot, _low, high) => [0, Math.max(floor, (high ?? 0) * 1.1)];
  const size = () => ({ width: Math.max(200, canvas.clientWidth), height: HEIGHT });
  const plot = new uPlot(
    {
      ...size(),
      padding: [8, 26, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'console' }, y: false, drag: { x: false, y: false } },
      scales: {
        x: { range: () => [(columns.at.at(-1) ?? 0) - SPAN_SECONDS, columns.at.at(-1) ?? 1] },
        y: { range: range(least) },
        late: { range: range(100) },
      },
      axes: [
        {
          ...{ ...axis, grid: { show: false }, space: 80, size: 26 },
          values: (_plot, ticks) => ticks.map((at) => clock(at * 1000)),
        },
        {
          ...{ ...axis, grid, space: 32, size: 58, ...(steps && { incrs: steps }) },
          values: (_plot, ticks) => ticks.map((value) => write(value)),
        },
        ...lines.flatMap(({ scale, write: inUnits }) =>
          scale === undefined
            ? []
            : {
                ...{ ...axis, scale, side: 1, grid: { show: false }, space: 32, size: 58 },
                values: (_plot, ticks) => ticks.map((value) => inUnits(value)),
              },
        ),
      ],
      series: [
        {},
        ...lines.map(({ colour: name, dash, fill, width = 1.5, scale = 'y' }) => ({
          ...{ stroke: colour(name), width, scale, points: { show: false }, spanGaps: false },
          ...(dash && { dash }),
          ...(fill && { fill: colour(`${name}-faint`) }),
        })),
      ],
      hooks: { setCursor: [({ cursor }) => tell(cursor.idx)] },
    },
    data(),
    canvas,
  );
  const observer = new ResizeObserver(() => plot.setSize(size()));
  observer.observe(canvas);
  tell();
  return {
    update() {
      plot.setData(data());
      tell(plot.cursor.idx);
    },
    end() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

/** A red line at nothing looks like errors: what is quiet is not drawn while there is nothing of it. */
function valuesOf(columns, { of, quiet }) {
  const values = columns[of] ?? [];
  return quiet && values.every((value) => !value) ? values.map(() => null) : values;
}

function addToLegend(legend, { of, name = of, colour, dash }) {
  const item = document.createElement('li');
  const mark = document.createElement('i');
  mark.className = dash ? (dash[0] > 3 ? 'mark dashed' : 'mark dotted') : 'mark';
  mark.style.setProperty('--of', `var(${colour})`);
  mark.ariaHidden = 'true';
  const value = document.createElement('b');
  item.append(mark, `${name} `, value);
  legend.append(item);
  return value;
}
