import type { Middleware } from 'vscode-languageclient';
import { withoutIcons } from './plainLabel.ts';

/**
 * Of what the server answers, VS Code draws icons in the titles of lenses and in the labels of what is completed. A
 * name such as `$(bug)` is written there so that it is shown as it is; other editors get it as it is.
 */
export const noIcons: Middleware = {
  async provideCodeLenses(document, token, next) {
    const lenses = await next(document, token);
    for (const { command } of lenses ?? []) if (command !== undefined) command.title = withoutIcons(command.title);
    return lenses;
  },
  async provideCompletionItem(...[document, position, context, token, next]) {
    const offered = await next(document, position, context, token);
    for (const item of Array.isArray(offered) ? offered : (offered?.items ?? []))
      if (typeof item.label === 'string') item.label = withoutIcons(item.label);
    return offered;
  },
};
