import autocannon from 'autocannon';
import { CONNECTIONS } from './connections.ts';
import type { Load, LoadResult } from './load.ts';

/** The fallback that comes with `npm ci`. It shares the cores with the server, so figures are lower. */
export async function runAutocannon({ port, requests, seconds }: Load): Promise<LoadResult> {
  let next = 0;
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: CONNECTIONS,
    duration: seconds,
    timeout: 10,
    // Each connection begins elsewhere in the list, or all would ask for the same at the same time.
    setupClient: (client) => {
      const from = (next++ * Math.ceil(requests.length / CONNECTIONS)) % requests.length;
      client.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
    },
  });
  return {
    requestsPerSecond: result.requests.average,
    requests: result.requests.total,
    failures: result.non2xx + result.errors + result.timeouts,
    p95Ms: result.latency.p97_5, // it keeps no 95th; the next above
  };
}
