import { defineConfig } from 'vitest/config';

export default defineConfig({
  // A test that starts programs takes its time on a busy machine; none is held to a time.
  test: { testTimeout: 60_000, include: ['{shared,server,client,cli,test}/**/*.test.ts'], exclude: ['test/vscode/**'] },
});
