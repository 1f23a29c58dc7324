import { FakeAncpClient } from '@bizfirst/ancp-core';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeAll, vi } from 'vitest';

// Effects run twice, and renders too: whatever a hook does twice shows.
configure({ reactStrictMode: true, asyncUtilTimeout: 5000 });

// Loads the engine, which takes longer than a test with timers of its own waits.
beforeAll(async () => void (await new FakeAncpClient().ping()));

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});
