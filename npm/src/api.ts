export type {
  ActionMap,
  ActionName,
  ActionShape,
  AnyAction,
  ChunkOf,
  PatternOf,
  PayloadAndOptions,
  PayloadOf,
  ResultOf,
  UntypedActions,
} from './actions.js';
export { type AddressMode, NodeAddress } from './address.js';
export { AncpClient } from './client.js';
export { AncpError, type AncpErrorCode, type AncpErrorOptions } from './error.js';
export { FakeAncpClient, type FakeResponse, type FakeResponseOptions } from './fake/client.js';
export type { CapturedCall } from './fake/message.js';
export type { FakeChunks, FakeStream, FakeStreamOptions } from './fake/stream.js';
export type { FakeTask, FakeTaskContext, FakeTaskHandler, FakeTaskStep } from './fake/task.js';
export type {
  AncpAuth,
  AncpClientOptions,
  AncpPayer,
  CallOptions,
  CredentialSource,
  DidSigner,
  DidSource,
  Fetch,
  FetchInit,
  FetchResponse,
  HeaderOptions,
  RetryOptions,
  SignerMessage,
  WaitOptions,
} from './options.js';
export type {
  AcceptedToken,
  ActionPrice,
  Payment,
  PaymentInfo,
  PaymentReason,
  PaymentReceipt,
  PaymentTerms,
  PayRequest,
} from './payment.js';
export type { AncpStream } from './stream.js';
export type {
  ActionDescriptor,
  AncpPattern,
  Capabilities,
  DiscoveredNode,
  DiscoveryDocument,
  MemberOutcome,
  Negotiation,
  NodeGroup,
  NodeStatus,
  PingResponse,
  TaskError,
  TaskId,
  TaskState,
  TaskStatus,
  UntypedResult,
} from './types.js';
