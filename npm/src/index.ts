/**
 * Client of the Agent Node Communication Protocol (ANCP).
 *
 * @packageDocumentation
 */

export * from './api.js';
