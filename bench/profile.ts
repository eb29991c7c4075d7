/**
 * `node bench/profile.ts [--only get,feed]`: where Mainstay's time goes under the load of the
 * benchmark. Takes one CPU profile a scenario from the running process and groups its self time.
 * Writes the profiles to the folder of PROFILE_DIR too, if that is set, for a viewer.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withCleanup, type Cleanup } from './cleanup.ts';
import { Inspector } from './inspector.ts';
import { chooseGenerator } from './load/load.ts';
import { parseOptions, type Options } from './options.ts';
import { summarise } from './profile-summary.ts';
import { makeScenarios } from './scenarios.ts';
import { startServer, startSink } from './servers.ts';
import { setStage } from './stage.ts';

async function profile(options: Options, cleanup: Cleanup): Promise<void> {
  const generator = chooseGenerator();
  const stage = await setStage(cleanup);
  const { folder, databaseUrl } = stage;
  const sinkPort = await startSink(folder, cleanup);
  const surroundings = { folder, databaseUrl, sinkPort };
  const server = await startServer('mainstay', surroundings, cleanup, ['--inspect=127.0.0.1:0']);
  const inspector = await Inspector.attach(server.stderr());
  cleanup.add(() => inspector.close());
  for (const scenario of await makeScenarios(stage, options.only)) {
    const load = { port: server.port, requests: scenario.requests, folder };
    await generator.run({ ...load, seconds: 2 }); // warm
    await inspector.startProfile();
    const result = await generator.run({ ...load, seconds: options.seconds });
    const taken = await inspector.stopProfile();
    const rate = Math.round(result.requestsPerSecond);
    process.stdout.write(`\n## ${scenario.title}: ${rate} requests/s while profiled\n\n`);
    process.stdout.write(summarise(taken, result.requests));
    const target = process.env['PROFILE_DIR'];
    if (target) await writeFile(join(target, `${scenario.name}.cpuprofile`), JSON.stringify(taken));
  }
}

await withCleanup((cleanup) => profile(parseOptions(process.argv.slice(2)), cleanup));
