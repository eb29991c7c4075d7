/** Tables that change once a second without losing the focus of who is in them. */

/**
 * Puts rows into a table. A row that was there before keeps its elements, and a text that is the same is
 * not touched. Everything comes in by `textContent`.
 *
 * @param {HTMLTableElement} table
 * @param {string[]} heads one for each column
 * @param {{ key: string, cells: Cell[] }[]} rows the first cell is the row's heading
 *
 * @typedef {string | { text: string, tone?: string, title?: string, className?: string,
 *   href?: string, meter?: number, press?: () => void }} Cell
 */
export function fill(table, heads, rows) {
  if (!table.tHead) addHead(table, heads);
  const body = table.tBodies[0] ?? table.createTBody();
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  rows.forEach(({ key, cells }, at) => {
    const row = known.get(key) ?? makeRow(key, cells.length);
    known.delete(key);
    cells.forEach((cell, n) => put(row.cells[n], cell));
    if (body.rows[at] !== row) body.insertBefore(row, body.rows[at] ?? null);
  });
  for (const row of known.values()) row.remove();
}

function addHead(table, heads) {
  const row = table.createTHead().insertRow();
  for (const text of heads) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = text;
    row.append(cell);
  }
}

function makeRow(key, length) {
  const row = document.createElement('tr');
  row.dataset.key = key;
  for (let n = 0; n < length; n++) {
    const cell = document.createElement(n === 0 ? 'th' : 'td');
    if (n === 0) cell.scope = 'row';
    row.append(cell);
  }
  return row;
}

function put(cell, content) {
  const {
    text,
    tone = '',
    title,
    className = '',
    href,
    meter,
    press,
  } = typeof content === 'string' ? { text: content } : content;
  if (cell.className !== className) cell.className = className;
  if ((cell.dataset.tone ?? '') !== tone) cell.dataset.tone = tone;
  if (title !== undefined && cell.title !== title) cell.title = title;
  const inner = press ? 'BUTTON' : href !== undefined ? 'A' : 'SPAN';
  let element = cell.firstElementChild;
  if (element?.tagName !== inner) {
    element = document.createElement(inner);
    cell.replaceChildren(element);
    if (press) {
      element.type = 'button';
      element.className = 'plain';
    }
  }
  if (press) element.onclick = press;
  if (href !== undefined && element.href !== href) element.href = href;
  if (press && element.ariaLabel !== title) element.ariaLabel = title;
  if (element.textContent !== text) element.textContent = text;
  if (meter !== undefined) showMeter(cell, meter);
}

/** A bar beneath the number, which says the same: it is for the eye alone. */
function showMeter(cell, value) {
  let bar = cell.querySelector('.meter');
  if (!bar) {
    bar = document.createElement('i');
    bar.className = 'meter';
    bar.ariaHidden = 'true';
    cell.append(bar);
  }
  bar.style.setProperty('--part', String(Math.min(1, Math.max(0, value))));
}
