import { join } from 'node:path';
import { programs } from '../setup/install.ts';
import { startServer } from './monitoring-server.js';
import { freePort } from './process.js';

/** An alert as Prometheus would send it. */
export interface PostedAlert {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  startsAt?: string;
  endsAt?: string;
}

/** An alert as Alertmanager holds it. */
export interface HeldAlert {
  labels: Record<string, string>;
  status: { state: 'unprocessed' | 'active' | 'suppressed'; inhibitedBy: string[] };
}

/** A real Alertmanager, for one test. */
export interface Alertmanager {
  url: string;
  post(alerts: PostedAlert[]): Promise<void>;
  alerts(): Promise<HeldAlert[]>;
  /** What it wrote. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * @param options config: the path of an `alertmanager.yml`; folder: where it may write; port: of its own
 *   choice unless given
 */
export async function startAlertmanager(options: {
  config: string;
  folder: string;
  port?: number;
}): Promise<Alertmanager> {
  const url = `http://127.0.0.1:${options.port ?? (await freePort())}`;
  const server = await startServer(programs.alertmanager, `${url}/-/ready`, [
    `--config.file=${options.config}`,
    `--storage.path=${join(options.folder, 'alertmanager')}`,
    `--web.listen-address=${new URL(url).host}`,
    '--cluster.listen-address=',
    '--log.level=info',
  ]);
  return {
    url,
    post: async (alerts) => {
      const answer = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      if (!answer.ok) throw new Error(`Alertmanager refused alerts: ${await answer.text()}`);
    },
    alerts: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as HeldAlert[],
    output: () => server.output(),
    stop: () => server.stop(),
  };
}
