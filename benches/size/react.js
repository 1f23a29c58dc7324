export * from '@bizfirst/ancp-react';
