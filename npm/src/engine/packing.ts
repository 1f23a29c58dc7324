/**
 * How a module is packed for the download. In its code opcodes, numbers of locals and offsets stand in turn and have
 * nothing in common, so it compresses badly; with the bytes of a kind together it compresses to a sixth less.
 *
 * What follows an opcode goes to the stream of that opcode's number. The rest goes to the numbers of opcodes that nothing
 * follows:
 */
const OPCODES = 0x00;
/** What follows an opcode after its first number: where in memory most of them read or write. */
const FURTHER = 0x01;
/** All that is not an instruction. */
const REST = 0x05;
/** Added for the bytes of a number after its first. */
const LATER = 0x100;
const STREAMS = 0x200;

/** How many numbers, or else bytes, follow the opcodes from the first to the last; those of two parts are from 0x100. */
const OPERANDS: readonly [first: number, last: number, numbers: number, bytes?: number][] = [
  [0x02, 0x04, 1], // block, loop, if
  [0x0c, 0x0d, 1], // br, br_if
  [0x10, 0x10, 1], // call
  [0x11, 0x11, 2], // call_indirect
  [0x20, 0x26, 1], // locals, globals, tables
  [0x28, 0x3e, 2], // loads, stores
  [0x3f, 0x42, 1], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, 0, 4], // f32.const
  [0x44, 0x44, 0, 8], // f64.const
  [0xd0, 0xd2, 1], // ref.null, ref.func
  [0x10a, 0x10a, 2], // memory.copy
  [0x10b, 0x10b, 1], // memory.fill
  [0x10f, 0x111, 1], // table.grow, table.size, table.fill
  [0x200, 0x20b, 2], // v128.load, v128.store
  [0x20c, 0x20d, 0, 16], // v128.const, i8x16.shuffle
  [0x215, 0x222, 1], // extract_lane, replace_lane
  [0x254, 0x25b, 3], // v128.load_lane, v128.store_lane
  [0x25c, 0x25d, 2], // v128.load32_zero, v128.load64_zero
];
const BR_TABLE = 0x0e;
const END = 0x0b;
const CODE_SECTION = 10;

/** A direction. */
interface Way {
  /** Moves the module's next byte to this stream, or from there to the module, and gives it. */
  move(stream: number): number;
  /** How much of the module is done. */
  done(): number;
  /** Before and after a function, with whose size it has to deal itself. */
  enter(): void;
  leave(): void;
}

/** Packs a module, for `gzip` to compress. Throws where an instruction is not known here. */
export function pack(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const streams = Array.from({ length: STREAMS }, (): number[] => []);
  let at = 0;
  let end = 0;
  const next = () => module[at++] ?? fail('it ends too early');
  follow(module.length, {
    move(stream) {
      const byte = next();
      streams[stream]?.push(byte);
      return byte;
    },
    done: () => at,
    enter() {
      end = number(next);
      end += at;
    },
    leave() {
      if (at !== end) fail(`there is an unknown instruction before byte ${end}`);
    },
  });
  const sizes = [module.length, ...streams.map(({ length }) => length)];
  return Uint8Array.from([...sizes.flatMap(bytesOf), ...streams.flat()]);
}

function fail(why: string): never {
  throw new Error(`the module cannot be packed: ${why}`);
}

/** The module again. */
export function unpack(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 0;
  const size = () => number(() => packed[at++] as number);
  const module = new Uint8Array(size());
  const sizes = Array.from({ length: STREAMS }, size);
  const next = sizes.map((size) => {
    at += size;
    return at - size;
  });
  at = 0;
  let start = 0;
  follow(module.length, {
    move: (stream) => (module[at++] = packed[(next[stream] as number)++] as number),
    done: () => at,
    enter() {
      start = at;
    },
    leave() {
      const size = bytesOf(at - start);
      module.copyWithin(start + size.length, start, at);
      module.set(size, start);
      at += size.length;
    },
  });
  return module;
}

/** Moves a whole module. Both ways take the same turns, as these depend only on what has been moved. */
function follow(size: number, { move, done, enter, leave }: Way): void {
  const numbers = new Uint8Array(0x300);
  const bytes = new Uint8Array(0x300);
  for (const [first, last, count, more = 0] of OPERANDS) {
    numbers.fill(count, first, last + 1);
    bytes.fill(more, first, last + 1);
  }

  const instruction = (): number => {
    const opcode = move(OPCODES);
    if (opcode === BR_TABLE) {
      // The last label is that of all other cases.
      for (let labels = number(move, opcode); labels >= 0; labels--) number(move, opcode);
    }
    const long = opcode === 0xfc || opcode === 0xfd;
    const kind = long ? (opcode - 0xfb) * 0x100 + number(move, OPCODES) : opcode;
    let stream = opcode;
    for (let left = numbers[kind] as number; left > 0; left--) {
      for (let byte = move(stream); byte >= 0x80; ) byte = move(stream | LATER);
      stream = FURTHER;
    }
    for (let left = bytes[kind] as number; left > 0; left--) move(opcode);
    return opcode;
  };

  const code = () => {
    for (let functions = number(move, REST); functions > 0; functions--) {
      enter();
      for (let locals = number(move, REST); locals > 0; locals--) {
        number(move, REST);
        move(REST);
      }
      for (let depth = 1; depth > 0; ) {
        const opcode = instruction();
        if (opcode >= 0x02 && opcode <= 0x04) depth++;
        else if (opcode === END) depth--;
      }
      leave();
    }
  };

  // The magic number and the version.
  for (let left = 8; left > 0; left--) move(REST);
  while (done() < size) {
    const section = move(REST);
    let left = number(move, REST);
    if (section === CODE_SECTION) code();
    else for (; left > 0; left--) move(REST);
  }
}

/** An unsigned number in LEB128, or as much of a signed one as its bytes are. */
function number(next: (stream: number) => number, stream = REST): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = next(stream);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function bytesOf(number: number): number[] {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...bytesOf(number >>> 7)];
}
