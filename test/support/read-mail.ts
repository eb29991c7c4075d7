/** A mail as its recipient's program understands it. */
export interface ReceivedMail {
  /** Whom the envelope names. */
  recipients: string[];
  /** By their names in lower case; folded lines are joined. */
  headers: Record<string, string>;
  subject: string;
  text: string;
  html: string;
  /** The address of the link in it, with its token; empty where there is none. */
  link: string;
  /** The token in that link's fragment. */
  token: string;
}

interface Part {
  headers: Record<string, string>;
  body: string;
}

/** Reads a mail of text, HTML or both (RFC 5322, 2045-2047), as far as nodemailer makes them. */
export function readMail(raw: string, recipients: string[]): ReceivedMail {
  const whole = readPart(raw);
  const parts = partsOf(whole);
  const contentOf = (type: string): string => {
    const part = parts.find(({ headers }) => headers['content-type']?.startsWith(type));
    return part === undefined ? '' : decodeBody(part);
  };
  const text = contentOf('text/plain');
  const link = /https?:\/\/\S+#token=\S+/.exec(text)?.[0] ?? '';
  return {
    recipients,
    headers: whole.headers,
    subject: decodeWords(whole.headers['subject'] ?? ''),
    text,
    html: contentOf('text/html'),
    link,
    token: link === '' ? '' : (new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? ''),
  };
}

function readPart(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const headers = Object.fromEntries(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { headers, body: raw.slice(end + 4) };
}

function partsOf(part: Part): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(part.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return [part];
  return part.body
    .split(`--${boundary}`)
    .slice(1, -1)
    .flatMap((inner) => partsOf(readPart(inner.replace(/^\r\n/, ''))));
}

function decodeBody({ headers, body }: Part): string {
  const encoding = headers['content-transfer-encoding']?.toLowerCase();
  const text =
    encoding === 'quoted-printable'
      ? unquote(body.replaceAll('=\r\n', ''))
      : encoding === 'base64'
        ? Buffer.from(body, 'base64').toString('utf8')
        : body;
  return text.replaceAll('\r\n', '\n');
}

/** `=C3=BC` → `ü` */
function unquote(text: string): string {
  const bytes = text.replace(/=([\dA-F]{2})/gi, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=` */
function decodeWords(text: string): string {
  return text.replace(
    /=\?utf-8\?([qb])\?([^?]*)\?=(?:\s+(?==\?))?/gi,
    (_whole, kind: string, content: string) =>
      kind.toLowerCase() === 'q'
        ? unquote(content.replaceAll('_', ' '))
        : Buffer.from(content, 'base64').toString('utf8'),
  );
}
