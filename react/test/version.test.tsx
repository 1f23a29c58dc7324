import { render, screen } from '@testing-library/react';
import { version } from 'react';
import { version as domVersion } from 'react-dom';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { AncpProvider } from '../src/index.js';

it('tests with the React that the project is named after', () => {
  const app = (
    <AncpProvider options={{ baseUrl: 'https://fake.invalid', nodeId: 42 }}>
      <p>{version}</p>
    </AncpProvider>
  );
  expect(version.split('.')[0]).toBe(process.env.REACT);
  expect(domVersion).toBe(version);
  render(app);
  expect(screen.getByText(version)).toBeDefined();
  expect(renderToString(app)).toBe(`<p>${version}</p>`);
});
