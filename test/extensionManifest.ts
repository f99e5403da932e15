import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What tests read of package.json. */
export interface ExtensionManifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, ContributedSetting>> };
  };
}

export interface ContributedSetting {
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly scope?: string;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly items?: Pick<ContributedSetting, 'enum' | 'enumDescriptions'>;
}

const english: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'package.nls.json'), 'utf8'),
);

/** A text of package.json as an English reader sees it: `%key%` stands for one of package.nls.json. */
export function englishOf(text: string): string {
  const [, key] = /^%(.+)%$/.exec(text) ?? [];
  return key === undefined ? text : (english[key] ?? text);
}
