import { readFile } from 'node:fs/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { configDirectory, configFiles } from '../config/config-files.js';
import { ConfigurationError, reloadSection } from '../config/load-config.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { loggerOf } from '../logging/logger.js';
import { Flags } from './flags.js';
import { flagsConfig, reloadConfig, type ReloadConfig } from './flags.config.js';

const log = loggerOf('flags');

/** A file that has changed is looked at again after this: it may be half written. */
const SETTLE_MS = 100;

/**
 * Puts the flags of the configuration files in force while the process runs. The files are read again
 * and again, for nothing else is certain: a ConfigMap is changed by a symbolic link above them, which
 * their folder's events do not tell of, and a time stamp can be that of the file before.
 */
@Injectable()
export class ReloadFlags implements OnApplicationBootstrap {
  private readonly files = configFiles(process.env, configDirectory());
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private seen: string | undefined;
  private applied: string | undefined;

  constructor(
    private readonly flags: Flags,
    private readonly lifecycle: Lifecycle,
    @Inject(reloadConfig.KEY) private readonly config: ReloadConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.lifecycle.onStop('bus', () => {
      this.stopped = true;
      clearTimeout(this.timer);
    });
    this.lookIn(SETTLE_MS);
  }

  private lookIn(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.look(), ms).unref();
  }

  private async look(): Promise<void> {
    const text = (await Promise.all(this.files.map(contentOf))).join('\0');
    const settled = text === this.seen;
    this.seen = text;
    if (settled && text !== this.applied && !this.stopped) {
      this.applied = text;
      this.reload();
    }
    this.lookIn(settled ? this.config.seconds * 1000 : SETTLE_MS);
  }

  private reload(): void {
    try {
      const changes = this.flags.apply(reloadSection(flagsConfig));
      if (Object.keys(changes).length > 0)
        log.info({ event: 'flags_changed', changes }, 'flags have changed');
    } catch (error) {
      const problems = error instanceof ConfigurationError ? error.problems : undefined;
      log.error(
        { event: 'flags_refused', ...(problems ? { problems } : { err: error }) },
        'the changed flags are not valid; those before stay in force',
      );
    }
  }
}

/** What a file holds; a file that is not there, or cannot be read, is a content like any other. */
async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return `\0${String((error as NodeJS.ErrnoException).code)}`;
  }
}
