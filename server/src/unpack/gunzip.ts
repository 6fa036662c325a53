import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/**
 * What gzip packed (RFC 1952), in one member or several, in pieces of at most so many bytes. Of what breaks off or is damaged all
 * that comes before is given, however slowly it is read; then it throws, as it does with what `packed` throws. Whoever stops
 * reading ends `packed` too.
 */
export function gunzipped(packed: AsyncIterable<Uint8Array>, pieceBytes = 64 * 1024): AsyncIterable<Buffer> {
  // What was unpacked and not read yet is let go with an error: so there must be none by the time of the end, which may be one.
  const options = { chunkSize: pieceBytes, readableHighWaterMark: 1 };
  const plain = createGunzip(options);
  async function* held(): AsyncGenerator<Uint8Array, void, void> {
    yield* packed;
    await new Promise((allIsRead) => {
      plain.write(new Uint8Array(), allIsRead);
    });
  }
  // Whoever reads `plain` is told.
  return pipeline(Readable.from(held()), plain, () => undefined);
}
