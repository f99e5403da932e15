import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { ToPanel } from '../../client/panel/messages.ts';
import { root } from './workbench.ts';

/** The colours of VS Code's own themes, as a web view gets them. */
export const themeNames = ['light', 'dark', 'high-contrast'] as const;
export type ThemeName = (typeof themeNames)[number];

const themes: Readonly<Record<ThemeName, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'themes.json'), 'utf8'),
);

/**
 * The built panel in a page of its own, in a theme's colours, without an editor around it: what it would say to one is
 * in `said`. `words`: what the editor's language has for some of its texts.
 */
export async function openPanel(
  page: Page,
  theme: ThemeName,
  message: ToPanel,
  words: Readonly<Record<string, string>> = {},
): Promise<void> {
  const dist = (name: string): string => readFileSync(join(root, 'dist', name), 'utf8');
  await page.setContent(
    `<!DOCTYPE html><html lang="en" style="${colours(theme)}"><head><title>Trace</title>` +
      // As the editor's own style sheet for web views has it.
      `<style>body { background: var(--vscode-editor-background); margin: 0; }</style>` +
      `<style>${dist('panel.css')}</style>` +
      '<script>globalThis.said = []; globalThis.acquireVsCodeApi = () => ({ postMessage: (each) => said.push(each), ' +
      'getState: () => undefined, setState: () => undefined });</script></head>' +
      '<body><main id="trace"></main></body></html>',
  );
  await page.evaluate(`document.getElementById('trace').dataset.words = ${JSON.stringify(JSON.stringify(words))}`);
  await page.addScriptTag({ content: dist('panel.js') });
  await page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
  await page.locator('h1').first().waitFor();
}

/** Another theme, as when somebody picks one while the panel is open. */
export async function pickTheme(page: Page, theme: ThemeName): Promise<void> {
  await page.evaluate(`document.documentElement.setAttribute('style', ${JSON.stringify(colours(theme))})`);
}

function colours(theme: ThemeName): string {
  const variables = Object.entries(themes[theme]).map(([name, value]) => `--vscode-${name}: ${value};`);
  return variables.join(' ').replaceAll('"', "'");
}
