import { AncpError } from './error.js';

/** How a {@link NodeAddress} names what it names. */
export type AddressMode =
  | 'NodeId'
  | 'ResId'
  | 'DID'
  | 'BlockchainAddress'
  | 'NodeGroupId'
  | 'NodeGroupResId'
  | 'OperateID'
  | 'Url';

const ID = /^(?!\.{1,2}$)[\w.-]{1,128}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
const TEXT = /^[^\x00-\x20\x7f]+$/;

/** What an address of a mode begins with as a string, and what follows. */
const MODES: Readonly<Record<AddressMode, readonly [prefix: string, form: RegExp, says: string]>> = {
  NodeId: ['node:', ID, 'an integer from 0 to 2^53-1, or 1 to 128 of A-Z a-z 0-9 . _ -'],
  ResId: ['res:', TEXT, '1 to 256 bytes, without spaces and control characters'],
  BlockchainAddress: ['evm:', /^0x[\da-f]{40}$/i, '0x and 40 hexadecimal digits'],
  NodeGroupId: ['group:', ID, 'an integer from 0 to 2^53-1, or 1 to 128 of A-Z a-z 0-9 . _ -'],
  NodeGroupResId: ['group-res:', TEXT, '1 to 256 bytes, without spaces and control characters'],
  OperateID: ['operate:', TEXT, '1 to 256 bytes, without spaces and control characters'],
  DID: ['', /^did:[a-z\d]+:(?!.*:$)([\w.:-]|%[\dA-Fa-f]{2})+$/, 'a DID, such as did:web:example.com'],
  Url: [
    '',
    /^(?=[!-~]+$)https?:\/\/[^?#@\\/]+(\/[^?#\\]*)?$/i,
    'an http or https URL without query, fragment, user and password',
  ],
};

/**
 * Which node, or group of nodes, a call is for, in one of the eight modes of the wire contract; an option of clients and
 * of single calls. Its string form, such as `res:res-orders`, serves there as well.
 *
 * A node's id and a URL need no look-up; all others are looked up in the discovery document of the client's base URL.
 *
 * @example
 * ```ts
 * const orders = NodeAddress.fromResId('res-orders');
 * const order = await client.invoke('get-order', { orderId: 'ORD-123' }, { address: orders });
 * console.log(`${orders}`, NodeAddress.parse('res:res-orders').value); // res:res-orders res-orders
 * ```
 */
export class NodeAddress {
  /** How it names what it names. */
  readonly mode: AddressMode;
  /** The id, DID, EVM address (in lower case) or URL (without a slash at its end) itself. */
  readonly value: string;

  private constructor(mode: AddressMode, value: number | string) {
    const text = String(value);
    const [, form, says] = MODES[mode];
    const integral = typeof value !== 'number' || (Number.isSafeInteger(value) && value >= 0);
    const fits =
      (form !== TEXT || new TextEncoder().encode(text).length <= 256) &&
      (mode !== 'DID' || text.length <= 512) &&
      (mode !== 'Url' || isUrl(text));
    if (!integral || !form.test(text) || !fits) {
      throw new AncpError(`address: a ${mode} must be ${says}`, { code: 'invalid_options' });
    }
    this.mode = mode;
    if (mode === 'BlockchainAddress') this.value = text.toLowerCase();
    else this.value = mode === 'Url' ? text.replace(/\/+$/, '') : text;
  }

  /** A node below the client's base URL, by its id: an integer or a name. */
  static fromNodeId(id: number | string): NodeAddress {
    return new NodeAddress('NodeId', id);
  }

  /** A node by its resource id. */
  static fromResId(id: string): NodeAddress {
    return new NodeAddress('ResId', id);
  }

  /**
   * A node by its decentralised identifier. A `did:web` that the discovery document does not know is looked up at the host
   * that it names.
   */
  static fromDid(did: string): NodeAddress {
    return new NodeAddress('DID', did);
  }

  /** A node by its EVM address, `0x` and 40 hexadecimal digits, compared without case. */
  static fromBlockchainAddress(address: string): NodeAddress {
    return new NodeAddress('BlockchainAddress', address);
  }

  /** A group of nodes by its id. Its strategy says which members a call goes to. */
  static fromNodeGroupId(id: number | string): NodeAddress {
    return new NodeAddress('NodeGroupId', id);
  }

  /** A group of nodes by its resource id. */
  static fromNodeGroupResId(id: string): NodeAddress {
    return new NodeAddress('NodeGroupResId', id);
  }

  /** A node by one of its operate ids. */
  static fromOperateId(id: string): NodeAddress {
    return new NodeAddress('OperateID', id);
  }

  /** A node by its whole endpoint URL, such as `https://api.example.com/ncp/nodes/42`. */
  static fromUrl(url: string | URL): NodeAddress {
    return new NodeAddress('Url', String(url));
  }

  /**
   * Reads what {@link NodeAddress.toString} writes.
   *
   * @throws AncpError `invalid_options`, as from all the functions here.
   */
  static parse(text: string): NodeAddress {
    const [, scheme = '', value = ''] = /^([^:]*:)(.*)$/s.exec(text) ?? [];
    if (scheme === 'did:') return NodeAddress.fromDid(text);
    if (value.startsWith('//')) return NodeAddress.fromUrl(text);
    for (const [mode, [prefix]] of Object.entries(MODES)) {
      if (prefix === scheme && prefix) return new NodeAddress(mode as AddressMode, value);
    }
    throw new AncpError(
      'address: must begin with node:, res:, did:, evm:, group:, group-res:, operate:, http:// or https://',
      { code: 'invalid_options' },
    );
  }

  /** The address as a string: `node:42`, `res:res-orders`, `did:…`, `evm:0x…`, `group:5`, `https://…` and so on. */
  toString(): string {
    return MODES[this.mode][0] + this.value;
  }

  /** The same, so that an address can be kept as JSON. */
  toJSON(): string {
    return this.toString();
  }
}

function isUrl(text: string): boolean {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}
