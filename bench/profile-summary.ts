/** A V8 CPU profile, as far as it is read here. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  samples: number[];
  timeDeltas: number[];
}

const TOP_FUNCTIONS = 40;
const TOP_GROUPS = 32;

/** Self time by group and by function, in microseconds a request and per cent of the busy time. */
export function summarise(profile: CpuProfile, requests: number): string {
  const selfTime = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    selfTime.set(id, (selfTime.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  let idle = 0;
  for (const { id, callFrame } of profile.nodes) {
    const time = selfTime.get(id) ?? 0;
    if (callFrame.functionName === '(idle)') {
      idle += time;
      continue;
    }
    busy += time;
    const group = groupOf(callFrame.functionName, callFrame.url);
    add(groups, group, time);
    const place = callFrame.url === '' ? '' : ` ${group}:${callFrame.lineNumber + 1}`;
    add(functions, `${callFrame.functionName || '(anonymous)'}${place}`, time);
  }
  const table = (times: Map<string, number>, top: number): string =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, top)
      .map(([name, time]) => {
        const each = (time / requests).toFixed(1).padStart(7);
        return `${each} us  ${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}\n`;
      })
      .join('');
  const share = ((100 * busy) / (busy + idle)).toFixed(0);
  return (
    `busy ${share} % of the time, ${(busy / requests).toFixed(1)} us a request\n\nby group\n` +
    `${table(groups, TOP_GROUPS)}\nby function\n${table(functions, TOP_FUNCTIONS)}`
  );
}

function add(times: Map<string, number>, key: string, time: number): void {
  times.set(key, (times.get(key) ?? 0) + time);
}

/** The package, our own file, the part of Node, or V8 itself. */
function groupOf(functionName: string, url: string): string {
  if (url === '') return functionName;
  if (url.startsWith('node:')) return url;
  const modules = url.lastIndexOf('/node_modules/');
  if (modules >= 0) {
    const [first = '', second = ''] = url.slice(modules + '/node_modules/'.length).split('/');
    return first.startsWith('@') ? `${first}/${second}` : first;
  }
  return url.slice(url.lastIndexOf('/dist/') + 1);
}
