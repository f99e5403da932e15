import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A test that starts programs takes its time on a busy machine; none is held to a time.
    testTimeout: 60_000,
    // By itself it leaves one core alone, which of two is half.
    maxWorkers: '100%',
    include: ['{shared,server,client,cli,test}/**/*.test.ts'],
    exclude: ['test/vscode/**'],
  },
});
