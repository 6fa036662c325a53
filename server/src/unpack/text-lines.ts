import { StringDecoder } from "node:string_decoder";

/** Lines of UTF-8. Every character but the line feed belongs to a line, a carriage return too. */
export async function* textLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  for await (const chunk of chunks) {
    const parts = (begun + decoder.write(chunk)).split("\n");
    begun = parts.pop() ?? "";
    yield* parts;
  }
  begun += decoder.end();
  if (begun !== "") yield begun;
}
