/** The part of zxing-wasm's reader that our modules use. */

export interface Point {
  x: number;
  y: number;
}

export interface ReadResult {
  isValid: boolean;
  error: string;
  format: string;
  text: string;
  bytes: Uint8Array;
  position: { topLeft: Point; topRight: Point; bottomLeft: Point; bottomRight: Point };
}

export interface ReaderOptions {
  formats?: string[];
  tryHarder?: boolean;
  tryRotate?: boolean;
  tryInvert?: boolean;
  tryDownscale?: boolean;
  maxNumberOfSymbols?: number;
}

export interface Overrides {
  /** Must answer with the hashed address of zxing_reader.wasm. */
  locateFile?: (path: string, prefix: string) => string;
  wasmBinary?: ArrayBuffer | Uint8Array;
}

export function prepareZXingModule(options: { overrides: Overrides; fireImmediately: true }): Promise<unknown>;
export function prepareZXingModule(options: { overrides: Overrides; fireImmediately?: false }): void;

export function readBarcodes(
  input: Blob | ArrayBuffer | Uint8Array | ImageData,
  options?: ReaderOptions,
): Promise<ReadResult[]>;
