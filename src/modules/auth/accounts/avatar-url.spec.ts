import { describe, expect, it } from '@jest/globals';
import { avatarUrl } from './avatar-url.js';

describe('avatarUrl', () => {
  it.each([
    'https://example.com/ada.png',
    'https://EXAMPLE.com/a b.png',
    'https://cdn.example.org:8443/x?size=80#top',
    'https://8.8.8.8/a.png',
    'https://[2606:4700:4700::1111]/a.png',
    'https://bücher.example/a.png',
    'https://example.com/@ada/a@b.png',
    'https://example.com',
  ])('takes %s', (url) => {
    expect(avatarUrl.safeParse(url).success).toBe(true);
  });

  it.each([
    'http://example.com/a.png',
    'ftp://example.com/a.png',
    'data:image/png;base64,AAAA',
    'javascript:alert(1)',
    '//example.com/a.png',
    'a.png',
    '',
    'https://ada:secret@example.com/a.png',
    'https://ada@example.com/a.png',
    'https://@example.com/a.png',
    'https://localhost/a.png',
    'https://localhost./a.png',
    'https://a.localhost/a.png',
    'https://metadata.google.internal/a.png',
    'https://printer.local/a.png',
    'https://intranet/a.png',
    'https://127.0.0.1/a.png',
    'https://127.1/a.png',
    'https://0x7f.1/a.png',
    'https://2130706433/a.png',
    'https://0177.0.0.1/a.png',
    'https://134744072/a.png',
    'https://010.8.8.8/a.png',
    'https://0/a.png',
    'https://10.1.2.3/a.png',
    'https://172.31.0.1/a.png',
    'https://192.168.1.1/a.png',
    'https://169.254.169.254/latest',
    'https://100.64.0.1/a.png',
    'https://１２７.０.０.１/a.png',
    'https://[::1]/a.png',
    'https://[::]/a.png',
    'https://[::ffff:127.0.0.1]/a.png',
    'https://[::ffff:8.8.8.8]/a.png',
    'https://[::ffff:7f00:1]/a.png',
    'https://[64:ff9b::7f00:1]/a.png',
    'https://[2002:7f00:1::]/a.png',
    'https://[fd00::1]/a.png',
    'https://[fe80::1]/a.png',
    `https://example.com/${'a'.repeat(2048)}`,
  ])('refuses %s', (url) => {
    expect(avatarUrl.safeParse(url).success).toBe(false);
  });

  it('keeps it as a browser would ask for it', () => {
    expect(avatarUrl.parse('https://EXAMPLE.com/a b.png')).toBe('https://example.com/a%20b.png');
  });
});
