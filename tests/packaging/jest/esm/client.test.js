import { AncpClient, AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
import { exercise } from '../../support/exercise.mjs';
import { node } from '../../support/node.mjs';

test('calls a node', () => exercise({ AncpClient, AncpError, FakeAncpClient }, node));
