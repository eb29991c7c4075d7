import { clientAddress } from '../../../platform/throttling/client-address.js';
import { describeDevice } from './describe-device.js';
import type { Occasion } from './mail-job.js';
import type { Template } from './templates.js';

/** A mail as people read it, in both forms. */
export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

const when = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** What a mail tells beside its occasion. */
export interface Contents {
  /** `auth.deletedDays` */
  deletedDays: number;
  /** Whose account it is; undefined where the address was not proved: a stranger may have chosen that name. */
  username?: string | undefined;
  /** Whether the account is deleted, and can still be restored. */
  isDeleted: boolean;
  /** Of the link, for a template that has one. */
  url?: string | undefined;
}

/** Fills in a template. */
export function renderMail(
  template: Template,
  occasion: Occasion,
  { deletedDays, username, isDeleted, url }: Contents,
): RenderedMail {
  const facts = {
    at: `${when.format(new Date(occasion.at)).replace(' at ', ', ')} UTC`,
    from: whereFrom(occasion),
    isDeleted,
    restorable: deletedDays === 1 ? '1 day' : `${deletedDays} days`,
  };
  const [first, ...rest] = template.text(facts);
  const greeting = username === undefined ? 'Hello,' : `Hello ${username},`;
  const { subject } = template;
  const label = template.link?.label ?? '';
  const text = [greeting, first, ...(url === undefined ? [] : [`${label}: ${url}`]), ...rest];
  const paragraph = (content: string): string => `<p>${content}</p>`;
  const html = [
    paragraph(escapeHtml(greeting)),
    paragraph(escapeHtml(first)),
    ...(url === undefined
      ? []
      : [paragraph(`<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`)]),
    ...rest.map((content) => paragraph(escapeHtml(content))),
  ];
  return { subject, text: `${text.join('\n\n')}\n`, html: page(subject, html) };
}

function whereFrom({ ip, device }: Occasion): string {
  const known = device === null ? undefined : describeDevice(device);
  const address = ip === null ? '' : `, from the address ${clientAddress(ip)}`;
  return known === undefined ? address : `${address} (${known})`;
}

/** No pictures, no styles of its own: it is read as the reader's program shows text. */
function page(title: string, paragraphs: string[]): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    `<body><h1>${escapeHtml(title)}</h1>`,
    ...paragraphs,
    '</body></html>',
    '',
  ].join('\n');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes in double quotes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
