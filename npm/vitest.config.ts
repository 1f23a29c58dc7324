import { defineConfig } from 'vitest/config';
import { vitePlugin } from './scripts/wasm-modules.mjs';

export default defineConfig({
  plugins: [vitePlugin()],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 10_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
  },
});
