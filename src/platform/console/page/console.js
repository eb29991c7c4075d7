/** The console: follows the process that served it, and shows what it says. */
import { clock } from './format.js';
import { makePlots } from './plots.js';
import {
  showDependencies,
  showErrors,
  showProblems,
  showResources,
  showRoutes,
  showStatus,
} from './show.js';
import { follow } from './stream.js';

const $ = (id) => document.getElementById(id);
const plots = makePlots($('plots'));
let order = 'busiest';
let latest;
let told = '';

follow({ data: show, lost });

function show(snapshot) {
  // Another release serves other scripts than these.
  if (latest && latest.process.version !== snapshot.process.version) return location.reload();
  if (snapshot.history) {
    plots.reset(snapshot.history);
    const first = snapshot.history.at[0];
    const isShort = snapshot.history.at.length < 290;
    $('recorded').textContent =
      isShort && first ? `recorded since ${clock(first * 1000)}, the start of the process` : '';
  } else if (snapshot.point) plots.add(snapshot.point);
  latest = snapshot;
  $('lost').hidden = true;
  $('live').dataset.state = 'live';
  $('live-word').textContent = `live ${clock(snapshot.at)}`;
  document.body.classList.remove('stale');
  showStatus(snapshot);
  showProblems(snapshot, askToReset);
  showDependencies(snapshot, askToReset);
  showRoutes(snapshot, order);
  showResources(snapshot);
  showErrors(snapshot);
  tellChanges(snapshot);
}

function lost() {
  const last = latest
    ? `What you see is of ${clock(latest.at)}.`
    : 'There was no data yet; a process serves eight consoles at a time.';
  $('lost').textContent = `The connection is lost. ${last} It is tried again by itself.`;
  $('lost').hidden = false;
  $('live').dataset.state = 'lost';
  $('live-word').textContent = latest ? `lost, last data ${clock(latest.at)}` : 'no connection';
  document.body.classList.add('stale');
}

/** For who listens: the state when it changes, not each second. */
function tellChanges({ status, problems }) {
  const text = `The process is ${status}. ${problems.map(({ title }) => `${title}.`).join(' ')}`;
  if (text === told) return;
  told = text;
  $('announcement').textContent = text;
}

for (const button of document.querySelectorAll('[data-order]')) {
  button.addEventListener('click', () => {
    order = button.dataset.order;
    for (const other of document.querySelectorAll('[data-order]'))
      other.ariaPressed = String(other === button);
    if (latest) showRoutes(latest, order);
  });
}

function askToReset(name) {
  const dialog = $('confirm');
  $('confirm-heading').textContent = `Reset the breaker of ${name}?`;
  dialog.returnValue = 'no';
  dialog.onclose = () => {
    if (dialog.returnValue !== 'yes') return;
    dialog.returnValue = 'no'; // the close before it may be told of late: one answer, one reset
    void reset(name);
  };
  dialog.showModal();
}

async function reset(name) {
  const path = `/ops/breakers/${encodeURIComponent(name)}/reset`;
  try {
    const { ok, status } = await fetch(path, { method: 'POST' });
    announce(ok ? `The breaker of ${name} is reset.` : `It was not reset: ${status}.`);
    if (ok) $('broken').focus(); // the button goes away
  } catch {
    announce('It was not reset: the process does not answer.');
  }
}

function announce(text) {
  $('announcement').textContent = text;
  const toast = document.createElement('p');
  toast.className = 'toast';
  toast.ariaHidden = 'true'; // said above
  toast.textContent = text;
  document.body.append(toast);
  setTimeout(() => toast.remove(), 6000);
}
