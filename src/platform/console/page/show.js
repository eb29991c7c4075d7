/** A snapshot on the page. */
import { amount, clock, lasting, latency, megabytes, share, since } from './format.js';
import { fill } from './tables.js';

const $ = (id) => document.getElementById(id);
const words = {
  ok: 'All is well',
  degraded: 'Degraded',
  unavailable: 'Unavailable',
  draining: 'Draining',
  starting: 'Starting',
};
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function showStatus({ status, statusSince, problems, process, at }) {
  $('status').dataset.state = status === 'ok' && problems.length > 0 ? 'degraded' : status;
  const isCalm = status !== 'ok' || problems.length === 0;
  $('status-word').textContent = isCalm ? words[status] : 'Ready, but not well';
  const begins = isCalm ? statusSince : problems.map((problem) => problem.since).sort()[0];
  $('status-since').textContent = `since ${since(begins, at)}`;
  document.title = `${status === 'ok' && isCalm ? '' : '▲ '}${capital(status)} · Mainstay`;
  const { role, version, commit, host, pid, startedAt } = process;
  showFacts({
    role,
    version: commit === 'unknown' ? version : `${version} (${commit.slice(0, 8)})`,
    process: `${host}:${pid}`,
    up: lasting(Date.parse(at) - Date.parse(startedAt)),
  });
}

function showFacts(facts) {
  const place = $('facts');
  for (const [name, text] of Object.entries(facts)) {
    let value = place.querySelector(`[data-of="${name}"]`);
    if (!value) {
      const group = document.createElement('div');
      const term = document.createElement('dt');
      term.textContent = name;
      value = document.createElement('dd');
      value.dataset.of = name;
      group.append(term, value);
      place.append(group);
    }
    if (value.textContent !== text) value.textContent = text;
  }
}

/** @param {(name: string) => void} reset asks for the reset of a breaker */
export function showProblems({ problems, checks, breakers, traffic, at }, reset) {
  const list = $('problems');
  const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
  for (const [n, problem] of problems.entries()) {
    const item = known.get(problem.key) ?? makeProblem(problem);
    known.delete(problem.key);
    const part = (name) => item.querySelector(`.${name}`);
    part('title').textContent = problem.title;
    part('when').textContent = `since ${since(problem.since, at)}`;
    part('detail').textContent = problem.detail;
    part('affects').textContent = problem.affects;
    showReset(item, problem.breaker, reset);
    // What is where it belongs stays there: moved, it would lose the focus.
    if (list.children[n] !== item) list.insertBefore(item, list.children[n] ?? null);
  }
  for (const item of known.values()) item.remove();
  $('calm').hidden = problems.length > 0;
  $('calm').textContent =
    `Nothing. ${checks.length} checks are well, ${breakers.length} breakers are closed, ` +
    `${amount(traffic.failed)} of ${amount(traffic.requests)} requests failed in the last minute.`;
}

function makeProblem({ key, severity }) {
  const item = document.createElement('li');
  item.dataset.key = key;
  item.dataset.severity = severity;
  const add = (place, tag, className, text = '') => {
    const part = document.createElement(tag);
    part.className = className;
    part.textContent = text;
    place.append(part);
    return part;
  };
  add(item, 'span', 'severity', severity === 'critical' ? '■ Critical' : '▲ Warning');
  const what = add(item, 'div', 'what');
  add(what, 'h3', 'title');
  add(what, 'span', 'when');
  add(item, 'span', 'detail');
  add(item, 'span', 'affects');
  return item;
}

function showReset(item, breaker, reset) {
  let button = item.querySelector('button');
  if (breaker === null) return void button?.remove();
  if (!button) {
    button = document.createElement('button');
    button.type = 'button';
    button.className = 'strong';
    button.textContent = 'Reset breaker';
    button.ariaLabel = `Reset breaker of ${breaker}`;
    item.append(button);
  }
  button.onclick = () => reset(breaker);
}

export function showDependencies({ checks, breakers, at }, reset) {
  const rank = (name) => {
    const check = checks.find((one) => one.name === name);
    return (check && check.status !== 'up' ? 0 : 2) + (check?.need === 'required' ? 0 : 1);
  };
  const names = [...new Set([...checks, ...breakers].map(({ name }) => name))].sort(
    (a, b) => rank(a) - rank(b) || a.localeCompare(b),
  );
  const rows = names.map((name) => {
    const check = checks.find((one) => one.name === name);
    const breaker = breakers.find((one) => one.name === name);
    const isUp = check?.status === 'up';
    const isClosed = (breaker?.state ?? 'closed') === 'closed';
    return {
      key: name,
      cells: [
        `${name}${check?.need === 'required' ? ' (required)' : ''}${breaker?.chaos ? ' (chaos)' : ''}`,
        state(check && (isUp ? 'up' : check.status), isUp ? 'ok' : 'bad'),
        check ? since(check.since, at) : '–',
        number(isUp ? latency(check.latencyMs / 1000) : '–'),
        state(breaker?.state.replace('_', '-'), isClosed ? 'ok' : 'bad'),
        number(breaker ? amount(breaker.failures) : '–'),
        check?.lastError ?? breaker?.lastError ?? '–',
        { text: breaker?.fallback ?? measured(check), className: 'wide' },
        breaker && !(isClosed && breaker.failures === 0)
          ? { text: 'Reset', title: `Reset the breaker of ${name}`, press: () => reset(name) }
          : '',
      ],
    };
  });
  const heads = ['Name', 'State', 'Since', 'Answers in', 'Breaker', 'Failures'];
  fill(
    $('dependencies'),
    [...heads, 'Last error', 'Without it, or what it measured', 'Action'],
    rows,
  );
}

/** What a check has measured: `lagMs` 12 is «lag 12 ms». */
const measured = (check) =>
  Object.entries(check?.values ?? {})
    .map(([name, value]) => {
      const [, what, unit] = /^(.*?)(Bytes|Ms|Seconds)?$/.exec(name);
      if (unit === 'Bytes') return `${what} ${megabytes(value)}`;
      if (unit) return `${what} ${latency(unit === 'Ms' ? value / 1000 : value)}`;
      return `${what} ${amount(value)}`;
    })
    .join(', ') || '–';
const number = (text) => ({ text, className: 'number' });
const state = (text, tone) => (text ? { text: `${tone === 'ok' ? '●' : '■'} ${text}`, tone } : '–');

export function showRoutes({ traffic }, order) {
  const rows = traffic[order].map(({ route, requests, failed, p95, mean }) => ({
    key: route,
    cells: [
      { text: route, className: 'code' },
      number(amount(requests)),
      { ...number(failed > 0 ? `■ ${amount(failed)}` : '0'), tone: failed > 0 ? 'bad' : '' },
      number(latency(mean)),
      { ...number(latency(p95)), tone: p95 > 0.5 ? 'warn' : '' },
    ],
  }));
  fill($('routes'), ['Route', 'Requests', 'Failed', 'Mean', 'p95'], rows);
}

export function showResources({ gauges }) {
  const { pools, caches, queues, sockets, events, limitedPerSecond } = gauges;
  const row = (key, ...cells) => ({ key, cells: [key, ...cells] });
  fill(
    $('pools'),
    ['Pool', 'In use', 'Idle', 'Waiting', 'Most'],
    pools.map(({ name, active, idle, waiting, max }) =>
      row(
        name,
        { ...number(amount(active)), meter: active / max },
        number(amount(idle)),
        { ...number(amount(waiting)), tone: waiting > 0 ? 'bad' : '' },
        number(amount(max)),
      ),
    ),
  );
  fill(
    $('caches'),
    ['Cache', 'Hits', 'Asked/s', 'Errors/min'],
    caches.map(({ name, hitRatio, lookupsPerSecond, errors }) =>
      row(
        name,
        { ...number(share(hitRatio)), meter: hitRatio ?? 0 },
        number(amount(lookupsPerSecond)),
        { ...number(amount(errors)), tone: errors > 0 ? 'warn' : '' },
      ),
    ),
  );
  fill(
    $('jobs'),
    ['Queue', 'Waiting', 'Done', 'Failed'],
    queues.map(({ name, waiting, completed, failed }) =>
      row(name, number(amount(waiting)), number(amount(completed)), {
        ...number(amount(failed)),
        tone: failed > 0 ? 'warn' : '',
      }),
    ),
  );
  fill(
    $('flows'),
    ['What', 'Now'],
    [
      ...(sockets
        ? [
            row('open sockets', number(amount(sockets.open))),
            row('frames in, a second', number(amount(sockets.inPerSecond))),
            row('frames out, a second', number(amount(sockets.outPerSecond))),
          ]
        : []),
      row('events wait for', number(latency(events.outboxLagSeconds))),
      row('position of the log', number(amount(events.position))),
      row('limited, a second', number(amount(limitedPerSecond))),
    ],
  );
}

export function showErrors({ errors, links, at }) {
  $('no-errors').hidden = errors.length > 0;
  $('errors-region').hidden = errors.length === 0;
  const rows = errors.map((error) => ({
    key: `${error.code} ${error.route} ${error.message}`,
    cells: [
      { text: clock(error.at), title: `for the first time ${since(error.firstAt, at)} ago` },
      number(`${amount(error.times)}×`),
      number(error.users >= 100 ? '100+' : amount(error.users)),
      { text: `${error.status ?? ''} ${error.code}`.trim(), tone: 'bad' },
      { text: error.route, className: 'code' },
      { text: error.message, className: 'wide' },
      id(error.traceId, links.trace),
      id(error.requestId, links.logs && error.traceId ? links.logs : null, error.traceId),
    ],
  }));
  const heads = ['Last at', 'Times', 'Accounts', 'Code', 'Route', 'Message', 'Trace', 'Request'];
  fill($('errors'), heads, rows);
}

/** An id in full, linked to where it is looked up. */
function id(text, template, traceId = text) {
  if (!text) return '–';
  const cell = { text, className: 'code id' };
  return template ? { ...cell, href: template.replaceAll('{traceId}', traceId) } : cell;
}
