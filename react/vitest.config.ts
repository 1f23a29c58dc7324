import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const react18 = fileURLToPath(new URL('../tests/react18/node_modules', import.meta.url));

const shared = {
  environment: 'jsdom',
  setupFiles: ['test/setup.ts'],
  testTimeout: 10_000,
  // Read by Vite, so that they get the same React as everything else.
  server: { deps: { inline: ['@tanstack/react-query'] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'react19',
          env: { REACT: '19' },
          include: ['test/**/*.test.{ts,tsx}'],
          typecheck: { enabled: true, include: ['test/**/*.test-d.tsx'], tsconfig: './tsconfig.json' },
        },
      },
      {
        resolve: {
          alias: [{ find: /^(react|react-dom)(?=$|\/)/, replacement: `${react18}/$1` }],
        },
        test: {
          ...shared,
          name: 'react18',
          env: { REACT: '18' },
          include: ['test/**/*.test.tsx'],
          setupFiles: ['test/react18.ts', ...shared.setupFiles],
        },
      },
    ],
  },
});
