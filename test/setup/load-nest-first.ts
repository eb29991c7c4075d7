import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';

// What runs inside of a test is not heard; processes that a test starts set their own level.
process.env['LOG_LEVEL'] ??= 'silent';
