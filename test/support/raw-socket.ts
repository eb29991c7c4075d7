import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire; header names in lower case. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Opens a connection to a deployment, for what no HTTP client would send. */
export function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined); // a reset shows in what was read until then
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** All that the server sends until it closes the connection; fails when it does not. */
export function readToEnd(socket: Socket, timeoutMs = 30_000): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`still open after ${timeoutMs} ms; read so far: ${text.slice(0, 500)}`));
    }, timeoutMs);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** Sends bytes as they are and reads the one answer; the server has to close the connection. */
export async function exchange(
  url: string,
  request: string | Buffer,
  timeoutMs?: number,
): Promise<RawAnswer> {
  const socket = await open(url);
  const read = readToEnd(socket, timeoutMs);
  socket.write(request);
  return parse(await read);
}

/** @throws when the text is not exactly one answer */
export function parse(text: string): RawAnswer {
  const head = text.split('\r\n\r\n', 1)[0] ?? '';
  const body = text.slice(head.length + 4);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (Number.isNaN(status) || body.includes('HTTP/1.1 '))
    throw new Error(`not one answer: ${JSON.stringify(text.slice(0, 1000))}`);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status, headers: Object.fromEntries(headers) as Record<string, string>, body };
}
