import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { email, password, username } from '../accounts/account.schemas.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { RecordAudit } from '../audit/record-audit.js';
import { CreateAdmin, type AdminCreated, type AdminRequest } from '../auth.contract.js';
import { isGuessedFirst } from '../passwords/check-password.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { TenantsRepository } from '../tenants/tenants.repository.js';
import { AdminUsersRepository, type ManagedUser } from './admin-users.repository.js';
import { AnnounceRoles } from '../revocations/announce-roles.js';

const request = z.object({ email, username, password });

/** CreateAdmin where auth runs. */
@Injectable()
export class CreateAdminAccount extends CreateAdmin {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsRepository,
    private readonly users: AdminUsersRepository,
    private readonly tenants: TenantsRepository,
    private readonly passwords: PasswordHasher,
    private readonly announceRoles: AnnounceRoles,
    private readonly audit: RecordAudit,
  ) {
    super();
  }

  async execute({ tenantId, ...given }: AdminRequest): Promise<AdminCreated> {
    const generated = given.password === undefined ? randomBytes(18).toString('base64url') : null;
    const checked = request.safeParse({
      email: given.email,
      username: given.username ?? nameOf(given.email),
      password: given.password ?? generated,
    });
    if (!checked.success) return refused(sentenceOf(checked.error));
    if (!(await this.tenants.exists(tenantId)))
      return refused(`The tenant ${tenantId} does not exist.`);
    const { data } = checked;
    if (isGuessedFirst(data.password, data))
      return refused('password: it is one of the first that are guessed; choose another one.');
    const passwordHash = await this.passwords.hash(data.password);
    return this.database.transaction<AdminCreated>(async (tx) => {
      await this.users.lockTenant(tx, tenantId);
      const known = await this.users.lockByEmail(tx, tenantId, data.email);
      if (known) return this.promote(tx, tenantId, known, given.force ?? false);
      const id = uuidv7();
      const { email: address, username: name } = data;
      const names = { email: address, username: name, displayName: name };
      const account = { id, tenantId, ...names, passwordHash, emailVerified: true };
      const { conflict } = await this.accounts.insert(tx, account);
      if (conflict?.username)
        return refused(`The user name ${name} is taken: choose another with --username.`);
      if (conflict) return refused('The address was registered just now: try it again.');
      await this.give(tx, tenantId, id, ['user']);
      return { outcome: 'created', username: name, password: generated };
    });
  }

  private async promote(
    tx: Tx,
    tenantId: string,
    user: ManagedUser,
    force: boolean,
  ): Promise<AdminCreated> {
    const { id, username: name, roles, emailVerified } = user;
    if (user.deletedAt) return refused('The account of this address is deleted: restore it first.');
    if (user.bannedAt) return refused('The account of this address is banned: unban it first.');
    const isNew = !roles.includes('admin');
    // Anybody can register with an address that they only know.
    if (isNew && !emailVerified && !force) return refused(UNVERIFIED);
    if (isNew) await this.give(tx, tenantId, id, roles);
    return { outcome: isNew ? 'promoted' : 'was admin', username: name, emailVerified };
  }

  private async give(tx: Tx, tenantId: string, id: string, before: string[]): Promise<void> {
    const roles = [...before, 'admin'];
    const state = { roles, banned: false, banReason: null, deleted: false };
    await this.users.change(tx, tenantId, id, state);
    await this.announceRoles.execute(tx, id, roles);
    const detail = { before, after: roles };
    this.audit.execute(tx, { event: 'admin.created', tenantId, subjectId: id, detail });
  }
}

const UNVERIFIED =
  'The address of this account was never verified: a stranger may have registered it. Let its owner verify it, ' +
  'by «forgot password» or the mail of the registration, and run this again; or accept it as it is with --force.';

const refused = (reason: string): AdminCreated => ({ outcome: 'refused', reason });

/** The part before the @, as far as it may be a user name. */
function nameOf(address: string): string {
  const [local = ''] = address.split('@');
  const allowed = local.replace(/[^\p{L}\p{N}_.-]/gu, '').slice(0, 30);
  return allowed.length >= 3 ? allowed : `admin-${allowed}`;
}

/** Which option is wrong and why; never what was given. */
function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`;
}
