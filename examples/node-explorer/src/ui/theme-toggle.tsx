import { useState } from 'react';

type Theme = 'light' | 'dark';

/** Switches between light and dark; the system's choice holds until then. */
export function ThemeToggle() {
  const [theme, setTheme] = useState(current);
  const isDark = theme === 'dark';
  const toggle = () => {
    const next = isDark ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    store(next);
    setTheme(next);
  };
  return (
    <button type="button" className="quiet theme" aria-pressed={isDark} aria-label="Dark theme" onClick={toggle}>
      <span aria-hidden="true">{isDark ? '☾' : '☀'}</span>
    </button>
  );
}

function current(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Read by `public/theme.js`. */
function store(theme: Theme): void {
  try {
    localStorage.setItem('ancp-explorer.theme', theme);
  } catch {
    // It holds for this visit, then.
  }
}
