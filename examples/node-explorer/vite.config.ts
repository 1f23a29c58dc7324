import { defineConfig } from 'vite';

export default defineConfig({
  // A built copy works below any path.
  base: './',
  build: {
    // The hooks' `'use client'` means nothing here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
