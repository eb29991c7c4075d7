import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { assertMatch } from '../../../platform/http/etag.js';
import { roles as allRoles } from '../../../platform/security/permissions.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { RestoreAccount } from '../accounts/restore-account.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authErrors } from '../auth.errors.js';
import type { AdminUser, UserChange } from './admin-user.schemas.js';
import {
  AdminUsersRepository,
  type ManagedUser,
  type UserState,
} from './admin-users.repository.js';
import { AnnounceRoles } from '../revocations/announce-roles.js';
import { BanAccount } from './ban-account.js';
import { presentUser } from './present-user.js';

const DAY_MS = 86_400_000;

/** Changes roles of an account, bans it or lifts that, or undoes its deletion. What is so already stays so. */
@Injectable()
export class ChangeUser {
  constructor(
    private readonly database: Database,
    private readonly users: AdminUsersRepository,
    private readonly ban: BanAccount,
    private readonly restore: RestoreAccount,
    private readonly announceRoles: AnnounceRoles,
    private readonly audit: RecordAudit,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  /**
   * @param ifMatch the entity tag that the caller has read, where it says one
   * @throws AppError `not_found`, `stale_resource`, `last_admin`, `forbidden` (against the caller's own
   *   account), `conflict` (deleted too long ago)
   */
  execute(
    caller: Principal,
    id: string,
    change: UserChange,
    ifMatch: string | undefined,
  ): Promise<AdminUser> {
    const { tenantId } = caller;
    return this.database.transaction(async (tx) => {
      await this.users.lockTenant(tx, tenantId);
      const user = await this.users.lock(tx, tenantId, id);
      if (!user) throw platformErrors.not_found();
      const before = presentUser(user);
      assertMatch(ifMatch, before);
      const next = this.decide(user, change);
      if (isSame(user, next)) return before;
      await this.protect(tx, caller, user, next);
      if (user.deletedAt && !next.deleted) await this.restore.execute(tx, tenantId, id);
      const changed = await this.users.change(tx, tenantId, id, next);
      await this.enforce(tx, tenantId, user, next);
      return presentUser(changed);
    });
  }

  /** Somebody must be left who can undo it, and nobody shuts themselves out by mistake. */
  private async protect(
    tx: Tx,
    caller: Principal,
    user: ManagedUser,
    next: UserState,
  ): Promise<void> {
    const isAdmin = mayAdminister(stateOf(user));
    if (!isAdmin || mayAdminister(next)) return;
    if ((await this.users.countAdmins(tx, caller.tenantId)) <= 1) throw authErrors.last_admin();
    if (caller.userId === user.id)
      throw platformErrors.forbidden({
        detail: 'Administrators neither ban themselves nor take the role from themselves.',
      });
  }

  private decide(user: ManagedUser, change: UserChange): UserState {
    const now = stateOf(user);
    const banned = change.ban ?? now.banned;
    const kept = change.banReason ?? now.banReason;
    const { deletedDays } = this.config;
    const isFinal = (user.deletedAt?.getTime() ?? Infinity) < Date.now() - deletedDays * DAY_MS;
    if (change.restore && isFinal)
      throw platformErrors.conflict({
        detail: `It was deleted more than ${deletedDays} days ago.`,
      });
    return {
      roles: change.roles ? wholeList(change.roles) : now.roles,
      banned,
      banReason: banned ? kept : null,
      deleted: now.deleted && !change.restore,
    };
  }

  private async enforce(
    tx: Tx,
    tenantId: string,
    user: ManagedUser,
    next: UserState,
  ): Promise<void> {
    const subject = { tenantId, subjectId: user.id };
    const before = stateOf(user);
    if (!sameRoles(before.roles, next.roles)) {
      await this.announceRoles.execute(tx, user.id, next.roles);
      const detail = { before: before.roles, after: next.roles };
      this.audit.execute(tx, { event: 'roles.changed', ...subject, detail });
    }
    if (!before.banned && next.banned) await this.ban.execute(tx, tenantId, user.id);
    if (before.banned && !next.banned)
      this.audit.execute(tx, { event: 'account.unbanned', ...subject });
  }
}

/** With the role that everybody has, and in one order: the same roles are the same. */
const wholeList = (named: readonly string[]): string[] =>
  allRoles.filter((role) => role === 'user' || named.includes(role));

const stateOf = ({ roles, bannedAt, banReason, deletedAt }: ManagedUser): UserState => ({
  roles,
  banned: bannedAt !== null,
  banReason,
  deleted: deletedAt !== null,
});

const mayAdminister = ({ roles, banned, deleted }: UserState): boolean =>
  roles.includes('admin') && !banned && !deleted;

const sameRoles = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((role) => other.includes(role));

function isSame(user: ManagedUser, next: UserState): boolean {
  const now = stateOf(user);
  return (
    sameRoles(now.roles, next.roles) &&
    now.banned === next.banned &&
    now.banReason === next.banReason &&
    now.deleted === next.deleted
  );
}
