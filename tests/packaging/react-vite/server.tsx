import { renderToString } from 'react-dom/server';
import { App } from './app';

/** The page as a server sends it. */
export function render(): string {
  return renderToString(<App options={{ baseUrl: 'https://api.example.com', nodeId: 42 }} />);
}
