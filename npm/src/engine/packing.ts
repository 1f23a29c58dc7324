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
const IF = 0x04;
const END = 0x0b;
const BR_TABLE = 0x0e;
/** The first of opcodes of two parts. */
const LONG = 0xfc;
const CODE_SECTION = 10;
/** The magic number and the version. */
const HEADER = 8;

/** What follows each opcode: up to three numbers, or four times as many as bytes; more where that is to be looked at. */
function operandsOf(): Uint8Array {
  const operands = new Uint8Array(0x300);
  for (const [first, last, numbers, bytes = 0] of OPERANDS) operands.fill(numbers + 4 * bytes, first, last + 1);
  for (const opcode of [END, BR_TABLE, LONG, LONG + 1]) operands[opcode] = 0xff;
  return operands;
}

/** Where the operands of an opcode of two parts stand. */
function longOpcode(first: number, second: number): number {
  return (first - LONG + 1) * 0x100 + second;
}

/** Packs a module, for `gzip` to compress. Throws where an instruction is not known here. */
export function pack(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const operands = operandsOf();
  const streams = Array.from({ length: STREAMS }, (): number[] => []);
  let at = 0;
  const next = () => module[at++] ?? fail('it ends too early');
  const move = (stream: number) => {
    const byte = next();
    streams[stream]?.push(byte);
    return byte;
  };
  const number = (stream: number) => numberOf(() => move(stream));
  const bytes = (stream: number, count: number) => {
    for (let left = count; left > 0; left--) move(stream);
  };

  const body = () => {
    for (let locals = number(REST); locals > 0; locals--) {
      number(REST);
      bytes(REST, 1);
    }
    for (let depth = 1; depth > 0; ) {
      const opcode = move(OPCODES);
      let left = operands[opcode] as number;
      if (opcode === END) {
        depth--;
        continue;
      }
      if (opcode === BR_TABLE) {
        for (let labels = number(OPCODES); labels >= 0; labels--) number(opcode);
        continue;
      }
      if (opcode >= LONG) left = operands[longOpcode(opcode, number(OPCODES))] ?? fail('it has an unknown instruction');
      bytes(opcode, left >> 2);
      left &= 3;
      if (left > 0 && opcode <= IF) depth++;
      for (let stream = opcode; left > 0; left--) {
        for (let byte = move(stream); byte >= 0x80; ) byte = move(stream | LATER);
        stream = FURTHER;
      }
    }
  };

  bytes(REST, HEADER);
  while (at < module.length) {
    const section = move(REST);
    const size = number(REST);
    if (section !== CODE_SECTION) {
      bytes(REST, size);
      continue;
    }
    for (let functions = number(REST); functions > 0; functions--) {
      // Left out, as it is known once the function is unpacked.
      const length = numberOf(next);
      const end = at + length;
      body();
      if (at !== end) fail(`there is an unknown instruction before byte ${end}`);
    }
  }
  const sizes = [module.length, ...streams.map(({ length }) => length)];
  return Uint8Array.from([...sizes.flatMap(bytesOf), ...streams.flat()]);
}

function fail(why: string): never {
  throw new Error(`the module cannot be packed: ${why}`);
}

/** The module again. As `pack`, but written for speed: a page's first call waits for it, when nothing is compiled yet. */
export function unpack(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  let from = 0;
  const size = () => numberOf(() => packed[from++] as number);
  const module = new Uint8Array(size());
  const next = Uint32Array.from({ length: STREAMS }, size).map((size) => {
    from += size;
    return from - size;
  });
  const operands = operandsOf();
  let opcodes = next[OPCODES] as number;
  let rest = next[REST] as number;
  let at = 0;

  const copy = (count: number) => {
    module.set(packed.subarray(rest, rest + count), at);
    rest += count;
    at += count;
  };
  const number = () => numberOf(() => (module[at++] = packed[rest++] as number));
  /** The rare instructions: tells how many numbers follow. */
  const rare = (opcode: number): number => {
    const second = () => numberOf(() => (module[at++] = packed[opcodes++] as number));
    if (opcode === BR_TABLE) {
      // The last label is that of all other cases.
      for (let labels = second(); labels >= 0; labels--) {
        numberOf(() => (module[at++] = packed[(next[opcode] as number)++] as number));
      }
      return 0;
    }
    const following = operands[opcode < LONG ? opcode : longOpcode(opcode, second())] as number;
    for (let left = following >> 2; left > 0; left--) module[at++] = packed[(next[opcode] as number)++] as number;
    return following & 3;
  };

  copy(HEADER);
  while (at < module.length) {
    const section = packed[rest] as number;
    copy(1);
    const size = number();
    if (section !== CODE_SECTION) {
      copy(size);
      continue;
    }
    for (let functions = number(); functions > 0; functions--) {
      const start = at;
      for (let locals = number(); locals > 0; locals--) {
        number();
        copy(1);
      }
      for (let depth = 1; depth > 0; ) {
        const opcode = packed[opcodes++] as number;
        module[at++] = opcode;
        let left = operands[opcode] as number;
        if (left === 0) continue;
        if (opcode === END) {
          depth--;
          continue;
        }
        if (left > 3) left = rare(opcode);
        else if (opcode <= IF) depth++;
        for (let stream = opcode; left > 0; left--) {
          let byte = packed[(next[stream] as number)++] as number;
          module[at++] = byte;
          while (byte >= 0x80) {
            byte = packed[(next[stream | LATER] as number)++] as number;
            module[at++] = byte;
          }
          stream = FURTHER;
        }
      }
      const length = bytesOf(at - start);
      module.copyWithin(start + length.length, start, at);
      module.set(length, start);
      at += length.length;
    }
  }
  return module;
}

/** An unsigned number in LEB128. */
function numberOf(next: () => number): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = next();
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function bytesOf(number: number): number[] {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...bytesOf(number >>> 7)];
}
