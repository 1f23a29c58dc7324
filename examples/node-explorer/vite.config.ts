import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // For fast refresh: an edit keeps the connection and what the page shows.
  plugins: [react()],
  // A built copy works below any path.
  base: './',
  build: {
    // The hooks' `'use client'` means nothing here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
