import type { CpuProfile } from './profile-summary.ts';

interface Reply {
  id: number;
  result?: unknown;
  error?: { message: string };
}

/** Microseconds between two looks at the stack. */
const SAMPLE_US = 200;

/** The little of the inspector's protocol that CPU profiles need. */
export class Inspector {
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private lastId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', (event) => {
      const reply = JSON.parse(String(event.data)) as Reply;
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
  }

  /** @param stderr of a process started with --inspect: it names the address there */
  static async attach(stderr: string): Promise<Inspector> {
    const url = /ws:\/\/\S+/.exec(stderr)?.[0];
    if (url === undefined) throw new Error(`the process told no inspector address:\n${stderr}`);
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error(`cannot attach to ${url}`)));
    });
    return new Inspector(socket);
  }

  async startProfile(): Promise<void> {
    await this.send('Profiler.enable');
    await this.send('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await this.send('Profiler.start');
  }

  async stopProfile(): Promise<CpuProfile> {
    return ((await this.send('Profiler.stop')) as { profile: CpuProfile }).profile;
  }

  close(): void {
    this.socket.close();
  }

  private send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
