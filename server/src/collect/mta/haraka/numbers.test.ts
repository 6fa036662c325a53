import { expect, test } from "vitest";
import { lineReader } from "../../readers.ts";

const uuid = "6B1D4C0E-2F3A-4B5C-8D6E-7F8091A2B3C4";
const line = (origin: string, id: string, text: string): string =>
  `2026-11-28T23:40:00.000Z [NOTICE] [${uuid}${id}] [${origin}] ${text}`;

test.each(["1/x/0", "1/-2/0", "1/9e999/0", "1/99999999999/0", "1/2"])(
  "a delivery that counts its recipients as %s says nothing of those whom a bounce without names is for",
  (rcpts) => {
    const read = lineReader("haraka", { zone: "UTC", year: 2026 });
    const said = [
      line("core", ".1", "sender <a@far.example> code=CONT"),
      line("core", ".1", "recipient <b@own.example> code=CONT"),
      line("core", ".1", "recipient <c@own.example> code=CONT"),
      line(
        "outbound",
        ".1.1",
        `delivered domain=own.example host=10.0.0.9 ip=10.0.0.9 port=24 response=Ok rcpts=${rcpts}`,
      ),
      line("outbound", ".1.1", "bouncing mail: 550 5.1.1 no such user"),
    ].map((each) => read?.(each));
    const [delivered, bounced] = said.slice(-2);
    expect(delivered).toMatchObject({ event: "delivery", status: "sent", to: "@own.example" });
    expect(delivered).not.toHaveProperty("nrcpt");
    expect(bounced).toMatchObject({ event: "delivery", status: "bounced", to: "@own.example", nrcpt: 2 });
  },
);
