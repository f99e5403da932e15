/**
 * Where the page of a finding is: `docs/rules/ID.md` of the repository. It is made from the rule's file by
 * `test/ruleDocs.test.ts`.
 */
export function pageOf(id: string): string {
  return `${pages}/${id}.md`;
}

/** The one place that knows where the repository is. */
const pages = 'https://github.com/hoplens/hoplens/blob/main/docs/rules';
