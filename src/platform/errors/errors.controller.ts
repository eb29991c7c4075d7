import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { declaredErrors, findError } from './catalogue.js';
import { platformErrors } from './platform.errors.js';

/** The pages that the `type` of every problem points to. */
@ApiExcludeController()
@Public()
@Unlimited()
@Controller('errors')
export class ErrorsController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  list(): string {
    const items = declaredErrors().map(
      ([code, error]) =>
        `<li><a href="/errors/${code}"><code>${code}</code></a> ${error.status} ${error.title}</li>`,
    );
    return page('Errors', `<ul>${items.join('')}</ul>`);
  }

  @Get(':code')
  @Header('content-type', 'text/html; charset=utf-8')
  show(@Param('code') code: string): string {
    const error = findError(code);
    if (!error) throw platformErrors.not_found();
    const help = error.help.replace(/`([^`]*)`/g, '<code>$1</code>');
    return page(
      error.title,
      `<p>Code <code>${code}</code>, HTTP status ${error.status}.</p><p>${help}</p><p><a href="/errors">All errors</a></p>`,
    );
  }
}

/** Everything on these pages comes from the catalogue, nothing from the request. */
function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title} · Mainstay</title><h1>${title}</h1>${body}</html>`;
}
