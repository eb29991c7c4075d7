import { describe, expect, it } from '@jest/globals';
import { renderMail } from './render-mail.js';
import { templates, type Template } from './templates.js';

const occasion = {
  at: '2026-11-20T16:45:10.000Z',
  ip: '2001:db8:1:2:3:4:5:6',
  device: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  sessionId: null,
};

describe('renderMail', () => {
  it('says when, from where and with what, and has its link in both forms', () => {
    const url = 'https://app.example/reset-password#token=abc';
    const { subject, text, html } = renderMail(templates['password-reset'], occasion, {
      isDeleted: false,
      deletedDays: 30,
      username: 'ada',
      url,
    });
    expect(subject).toBe('Reset your password');
    expect(text).toMatch(/^Hello ada,\n\n/);
    expect(text).toContain(`Choose a new password: ${url}\n`);
    expect(text).toContain(
      'on 20 November 2026, 16:45 UTC, from the address 2001:db8:1:2::/64 (Firefox on Linux).',
    );
    expect(html).toContain(`<a href="${url}">Choose a new password</a>`);
    expect(html).toContain('<html lang="en">');
  });

  it('leaves out what is not known', () => {
    const nothing = { ...occasion, ip: null, device: 'something else' };
    const { text } = renderMail(templates['password-changed'], nothing, {
      isDeleted: false,
      deletedDays: 30,
    });
    expect(text).toMatch(/^Hello,\n\n/);
    expect(text).toContain('It was on 20 November 2026, 16:45 UTC.');
  });

  it('says days as people do', () => {
    const said = (deletedDays: number) =>
      renderMail(templates['account-deleted'], occasion, { isDeleted: true, deletedDays }).text;
    expect(said(1)).toContain('For 1 day it can');
    expect(said(365)).toContain('For 365 days it can');
  });

  it('escapes in HTML whatever it is given', () => {
    const bad = `<img src=x onerror="alert('1')">&`;
    const template: Template = {
      subject: bad,
      text: () => [bad, bad],
      link: { purpose: 'email_change', page: 'verify-email', label: bad },
    };
    const { html } = renderMail(template, occasion, {
      isDeleted: false,
      deletedDays: 30,
      username: bad,
      url: bad,
    });
    expect(html).not.toContain('<img');
    expect(html).not.toContain(`"alert(`);
    expect(
      html.match(/&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;&amp;/g),
    ).toHaveLength(7);
  });
});
