/**
 * Runs in a page, see accessibility.ts: what a person who cannot see it, or not well, would stumble over.
 * Its last expression is the answer, a list of sentences.
 */
(() => {
  const found = new Set();
  const all = (selector) =>
    [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
  const start = ({ tagName, id, className }) => `${tagName} #${id} .${className}`;

  // Names, headings, landmarks, tables.
  for (const control of all('button, a[href], input, select, [tabindex="0"], [role="group"]')) {
    const labelled = control.getAttribute('aria-labelledby');
    const name =
      control.getAttribute('aria-label') ??
      (labelled === null
        ? [control, ...(control.labels ?? [])].map(({ textContent }) => textContent).join('')
        : document.getElementById(labelled)?.textContent);
    if (!name?.trim()) found.add(`without a name: ${start(control)}`);
  }
  for (const section of all('section'))
    if (!document.getElementById(section.getAttribute('aria-labelledby')))
      found.add(`a section without a heading: ${start(section)}`);
  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const own = Number(heading.tagName.slice(1));
    if (own > level + 1) found.add(`h${level} is followed by h${own}: ${heading.textContent}`);
    level = own;
  }
  for (const once of ['h1', 'body > header', 'main', 'footer'])
    if (all(once).length !== 1) found.add(`there is not one ${once}`);
  for (const table of all('table')) {
    if (!table.caption?.textContent.trim()) found.add(`no caption: #${table.id}`);
    if (!table.querySelector('th[scope="col"]')) found.add(`no heads: #${table.id}`);
  }
  if (document.documentElement.lang === '') found.add('no language');

  // Contrast: 4.5 to 1 between a text and what is behind it (WCAG 2.2 AA).
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parse = (text) => {
    canvas.clearRect(0, 0, 1, 1); // it knows every way to write a colour
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => {
    const mix = (front, back) => front * a + back * (1 - a);
    return [mix(r, below[0]), mix(g, below[1]), mix(b, below[2]), 1];
  };
  const behind = (element) => {
    const colour = parse(getComputedStyle(element).backgroundColor);
    if (colour[3] === 1) return colour;
    return over(colour, element.parentElement ? behind(element.parentElement) : [255, 255, 255, 1]);
  };
  const opacity = (element) =>
    Number(getComputedStyle(element).opacity) *
    (element.parentElement ? opacity(element.parentElement) : 1);
  const luminance = ([r, g, b]) => {
    const part = (value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  for (const element of all('body *')) {
    const speaks = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '',
    );
    if (!speaks) continue;
    const back = behind(element);
    const [r, g, b, a] = parse(getComputedStyle(element).color);
    const front = over([r, g, b, a * opacity(element)], back);
    const [light, dark] = [luminance(front), luminance(back)].sort((x, y) => y - x);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5)
      found.add(`contrast ${ratio.toFixed(2)}: "${element.textContent.trim().slice(0, 40)}"`);
  }

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.add(`${scrollWidth} px wide on ${clientWidth}`);
  return [...found];
})();
