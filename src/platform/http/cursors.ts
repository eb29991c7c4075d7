import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { statement } from '../database/statement.js';
import { platformErrors } from '../errors/platform.errors.js';

const readSecret = statement(
  'secrets.cursor',
  `SELECT value FROM platform.secrets WHERE name = 'cursor'`,
);
const TAG_BYTES = 8;

/**
 * Opaque cursors that cannot be made up: the position and the list it belongs to, under a key that
 * all instances read from the database.
 */
@Injectable()
export class Cursors implements OnModuleInit {
  // As a key object, not as bytes: 2.3 instead of 11.7 µs a cursor.
  private secret: KeyObject | undefined;

  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    const [row] = await this.database.readFresh<{ value: Buffer }>(readSecret);
    if (!row)
      throw new Error(
        'platform.secrets has no key for cursors; restore the row or run the migrations',
      );
    this.secret = createSecretKey(row.value);
  }

  /** @param list which list the cursor is for, filters included; it is refused by any other */
  encode(list: string, position: string): string {
    const text = Buffer.from(position, 'utf8');
    return Buffer.concat([this.tag(list, text), text]).toString('base64url');
  }

  /** @throws AppError `invalid_cursor` when it was not made by `encode` for this list */
  decode(list: string, cursor: string): string {
    const bytes = Buffer.from(cursor, 'base64url');
    const text = bytes.subarray(TAG_BYTES);
    const canonical = bytes.toString('base64url') === cursor;
    if (
      !canonical ||
      text.length === 0 ||
      !timingSafeEqual(bytes.subarray(0, TAG_BYTES), this.tag(list, text))
    ) {
      throw platformErrors.invalid_cursor();
    }
    return text.toString('utf8');
  }

  private tag(list: string, text: Buffer): Buffer {
    if (!this.secret) throw new Error('the key for cursors is not loaded yet');
    return createHmac('sha256', this.secret)
      .update(list)
      .update('\0')
      .update(text)
      .digest()
      .subarray(0, TAG_BYTES);
  }
}
