import type { DataSource } from 'typeorm';
import type { Database } from '../../src/platform/database/database.ts';
import type { Statement } from '../../src/platform/database/statement.ts';
import type { Lifecycle } from '../../src/platform/lifecycle/lifecycle.ts';
import type { Bus } from '../../src/platform/messaging/bus.ts';
import type { Revocations } from '../../src/platform/security/revocations.ts';
import type { AuthConfig } from '../../src/modules/auth/auth.config.ts';
import type { IssueAccessToken } from '../../src/modules/auth/keys/issue-access-token.ts';
import { built } from './built.ts';
import { TOKEN_LIFE_SECONDS } from './times.ts';

/** The parts of the application that seeding works with, on an up-to-date database. */
export interface Application {
  databaseUrl: string;
  maxFollowing: number;
  /** How names and addresses are compared. */
  keyOf: {
    username: (name: string) => string;
    /** What a name looks like. */
    skeleton: (name: string) => string;
    email: (address: string) => string;
  };
  hashPassword(password: string): Promise<string>;
  /** Signs with the deployment's key, which is created when there is none yet. */
  tokenIssuer(): Promise<IssueAccessToken>;
  close(): Promise<void>;
}

/** The configuration in force, as the application itself reads it. */
export async function loadConfiguration() {
  await built('app/preflight.js');
  await import('reflect-metadata');
  await built('app/every-section.js');
  const { loadConfig, valueOf } = await built<
    typeof import('../../src/platform/config/load-config.ts')
  >('platform/config/load-config.js');
  const { authConfig } = await built<typeof import('../../src/modules/auth/auth.config.ts')>(
    'modules/auth/auth.config.js',
  );
  const { postsConfig } = await built<typeof import('../../src/modules/posts/posts.config.ts')>(
    'modules/posts/posts.config.js',
  );
  const { databaseConfig } = await built<
    typeof import('../../src/platform/database/database.config.ts')
  >('platform/database/database.config.js');
  const { loggingConfig } = await built<
    typeof import('../../src/platform/logging/logging.config.ts')
  >('platform/logging/logging.config.js');
  const { configureLogger } = await built<typeof import('../../src/platform/logging/logger.ts')>(
    'platform/logging/logger.js',
  );
  const configuration = loadConfig();
  // The report of the seed is what people read here; the log says only what is wrong.
  const logging = { ...valueOf(configuration, loggingConfig), level: 'warn' } as const;
  await configureLogger(logging, { role: 'seed', version: '' });
  return {
    configuration,
    auth: valueOf(configuration, authConfig),
    posts: valueOf(configuration, postsConfig),
    database: valueOf(configuration, databaseConfig),
  };
}

type Loaded = Awaited<ReturnType<typeof loadConfiguration>>;

/** Starts or adopts the embedded database where no other is named, and applies migrations. */
export async function openApplication(loaded: Loaded): Promise<Application> {
  const { useDatabase } = await built<typeof import('../../src/platform/database/use-database.ts')>(
    'platform/database/use-database.js',
  );
  const { createDataSource } = await built<
    typeof import('../../src/platform/database/data-source.ts')
  >('platform/database/data-source.js');
  const { migrate } = await built<typeof import('../../src/platform/database/migrate.ts')>(
    'platform/database/migrate.js',
  );
  const { PasswordHasher } = await built<
    typeof import('../../src/modules/auth/passwords/password-hasher.ts')
  >('modules/auth/passwords/password-hasher.js');
  const { usernameKey, emailKey } = await built<
    typeof import('../../src/modules/auth/accounts/account.ts')
  >('modules/auth/accounts/account.js');
  const { usernameSkeleton } = await built<
    typeof import('../../src/modules/auth/accounts/username-skeleton.ts')
  >('modules/auth/accounts/username-skeleton.js');

  const stopDatabase = await useDatabase(loaded.configuration);
  let dataSource: DataSource | undefined;
  const close = async (): Promise<void> => {
    await dataSource?.destroy();
    await stopDatabase();
  };
  try {
    dataSource = await createDataSource(loaded.database).initialize();
    await migrate(dataSource, loaded.database.url ?? '');
  } catch (error) {
    await close();
    throw error;
  }
  const source = dataSource;
  const hasher = new PasswordHasher(loaded.auth);
  return {
    databaseUrl: loaded.database.url ?? '',
    maxFollowing: loaded.posts.maxFollowing,
    keyOf: { username: usernameKey, skeleton: usernameSkeleton, email: emailKey },
    hashPassword: (password) => hasher.hash(password),
    tokenIssuer: () => openTokenIssuer(source, loaded.auth),
    close,
  };
}

async function openTokenIssuer(source: DataSource, auth: AuthConfig): Promise<IssueAccessToken> {
  const { KeyEncryption } = await built<
    typeof import('../../src/modules/auth/keys/key-encryption.ts')
  >('modules/auth/keys/key-encryption.js');
  const { PgKeysRepository } = await built<
    typeof import('../../src/modules/auth/keys/keys.repository.ts')
  >('modules/auth/keys/keys.repository.js');
  const { MakeKey } = await built<typeof import('../../src/modules/auth/keys/make-key.ts')>(
    'modules/auth/keys/make-key.js',
  );
  const { SigningKeys } = await built<typeof import('../../src/modules/auth/keys/signing-keys.ts')>(
    'modules/auth/keys/signing-keys.js',
  );
  const { IssueAccessToken } = await built<
    typeof import('../../src/modules/auth/keys/issue-access-token.ts')
  >('modules/auth/keys/issue-access-token.js');
  const encryption = new KeyEncryption(auth);
  const repository = new PgKeysRepository(statementsOn(source) as Database);
  // Loaded once: what follows a rotation has no place in a script that runs for seconds.
  const [bus, lifecycle] = [{} as Bus, {} as Lifecycle];
  const keys = new SigningKeys(repository, new MakeKey(encryption), encryption, bus, lifecycle);
  await keys.load();
  const revocations = { isRevokedKey: () => false } as unknown as Revocations;
  return new IssueAccessToken(keys, revocations, {
    ...auth,
    accessTokenSeconds: TOKEN_LIFE_SECONDS,
  });
}

/** What the repository of the keys asks of a database, on TypeORM's pool. */
function statementsOn(source: DataSource): Pick<Database, 'readFresh' | 'execute'> {
  const run = ({ text }: Statement, values: unknown[] = []) => source.query(text, values);
  return { readFresh: run, execute: run };
}
