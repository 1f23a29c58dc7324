import { ThemeToggle } from './theme-toggle.tsx';

export function Header() {
  return (
    <header className="header">
      <img src="./icon.svg" alt="" width={24} height={24} />
      <h1>Node Explorer</h1>
      <span className="muted">Agent Node Communication Protocol</span>
      <ThemeToggle />
    </header>
  );
}
