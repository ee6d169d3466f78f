import { programVersion } from 'spikewire/cli';
import type { Application } from './base/environment.ts';

/** Serves the description of all routes that were added. */
export function addOpenApi(application: Application): void {
  application.openAPIRegistry.registerComponent('securitySchemes', 'person', {
    ...{ type: 'http', scheme: 'bearer' },
    description: 'the token of a person; the first one is in `administrator.token` in the folder of the controller',
  });
  application.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      ...{ title: 'Controller of a spikewire fleet', version: programVersion() },
      description:
        'Devices join and report with signed requests; all else is for people with a token. Times are milliseconds ' +
        'since 1970 by the clock of the database; lists come in parts; an error is one line.',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });
}
