import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { clientAddress } from '../../../platform/throttling/client-address.js';
import { DevicesRepository } from './devices.repository.js';
import { SendMail } from './send-mail.js';

/**
 * Tells the owner of an account that somebody logged in from a device that it was not used on before. A
 * device is a User-Agent and a network: an IPv4 address, or the /64 of an IPv6 address. It is known as
 * long as one of its sessions is: some 31 days after it was last used.
 */
@Injectable()
export class ReportNewDevice {
  constructor(
    private readonly devices: DevicesRepository,
    private readonly mail: SendMail,
  ) {}

  /** Call it before the new session is written: its own would be a known one. */
  async execute(
    tx: Tx,
    account: { id: string; tenantId: string },
    device: { ip: string; name: string },
  ): Promise<void> {
    const seen = await this.devices.addresses(tx, account.id, device.name, device.ip);
    const network = clientAddress(device.ip);
    if (seen.some((ip) => clientAddress(ip) === network)) return;
    const { tenantId, id: userId } = account;
    await this.mail.enqueue(tx, { template: 'new-device', tenantId, userId });
  }
}
