import type { Table } from "../../queue/listing.ts";

/** qshape(1), as wide as its domains are. */
export const qshape: Table = {
  name: "qshape",
  mta: "postfix",
  detects: (head) => /^ +T( +\d+)+ +\d+\+$/m.test(head.split("\n", 1)[0] ?? ""),
  madeOf: "postqueue -j",
};
