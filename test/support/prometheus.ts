import { join } from 'node:path';
import { programs } from '../setup/install.ts';
import { startServer } from './monitoring-server.js';
import { freePort } from './process.js';

/** A series and its value at one moment. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** An alert as Prometheus sees it: pending until its condition held for as long as it asks. */
export interface Alert {
  state: 'pending' | 'firing';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  value: number;
}

/** A real Prometheus, for one test. */
export interface Prometheus {
  url: string;
  /** An instant query: the series of a vector, or the one sample of a scalar. */
  query(expression: string): Promise<Sample[]>;
  alerts(): Promise<Alert[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** The path of a `prometheus.yml`; rule files in it count from its folder. */
  config: string;
  /** Where it may write; the test removes it. */
  folder: string;
  /** Further arguments, e.g. `--query.lookback-delta=10s`. */
  args?: string[];
}

/** Starts a Prometheus on loopback; @returns when it answers. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = await startServer(programs.prometheus, `${url}/-/ready`, [
    `--config.file=${options.config}`,
    `--storage.tsdb.path=${join(options.folder, 'prometheus')}`,
    `--web.listen-address=${new URL(url).host}`,
    '--log.level=warn',
    ...(options.args ?? []),
  ]);
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1/${path}`);
    const { status, error, data } = (await answer.json()) as Reply<T>;
    if (status !== 'success') throw new Error(`Prometheus refused ${path}: ${error}`);
    return data;
  };
  return {
    url,
    query: async (expression) => {
      const { resultType, result } = await get<Queried>(
        `query?query=${encodeURIComponent(expression)}`,
      );
      if (resultType === 'scalar') return [{ labels: {}, value: Number(result[1]) }];
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    alerts: async () => {
      const { alerts } = await get<{ alerts: (Omit<Alert, 'value'> & { value: string })[] }>(
        'alerts',
      );
      return alerts.map((alert) => ({ ...alert, value: Number(alert.value) }));
    },
    stop: () => server.stop(),
  };
}

interface Reply<T> {
  status: 'success' | 'error';
  error: string;
  data: T;
}

type Queried =
  | { resultType: 'scalar'; result: [number, string] }
  | {
      resultType: 'vector';
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
