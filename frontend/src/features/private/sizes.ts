/** Bytes of ONNX Runtime as it is sent, compressed with brotli, together with the worker's script. */
const RUNTIME_BYTES_SENT = 2_710_000
/** The packed model is compressed by a tenth on the way. */
const MODEL_COMPRESSION = 0.9
/** The runtime's share of all downloads, for the progress. */
export const RUNTIME_SHARE = 0.2

/** Megabytes that private mode downloads, whole. `modelBytes` is the model's length before compression. */
export function downloadMegabytes(modelBytes: number): number {
  return Math.round((RUNTIME_BYTES_SENT + modelBytes * MODEL_COMPRESSION) / 1e6)
}
