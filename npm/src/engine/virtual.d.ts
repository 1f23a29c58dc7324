// Made by scripts/wasm-modules.mjs from what `cargo xtask build` leaves in target/wasm-pkg.

declare module 'virtual:ancp-wasm/*/glue' {
  export const createGlue: import('./module.js').CreateGlue;
}

declare module 'virtual:ancp-wasm/*/data' {
  /** The module in base64. */
  export const data: string;
  /** Whether it went through `pack` and `gzip`. */
  export const packed: boolean;
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
