import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['{shared,server,client,cli,test}/**/*.test.ts'], exclude: ['test/vscode/**'] },
});
