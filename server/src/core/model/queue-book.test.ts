import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { newMessage } from "./message.ts";
import { QueueBook } from "./queue-book.ts";

test("messages that have gone are let go of, though nobody looks at the queues", () => {
  const book = new QueueBook();
  const messages = Array.from({ length: 10_000 }, (_, at) => newMessage(nodeId("mx1"), `Q${at}`, at, "client"));
  for (const message of messages) {
    message.state = "queued";
    book.place(message);
    message.state = "done";
    book.place(message);
  }
  expect(messages.filter(({ moved }) => moved).length).toBeLessThanOrEqual(1_000);
  expect(book.count).toBe(0);
  expect(messages.filter(({ moved }) => moved).length).toBe(0);
});
