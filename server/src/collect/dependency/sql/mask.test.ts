import * as fc from "fast-check";
import { expect, test } from "vitest";
import { doubled, leastSeconds } from "../../../../test/processor-time.ts";
import { maskStatement } from "./mask.ts";

test.each([
  ["SELECT * FROM users WHERE mail = 'a@b.example'", "SELECT * FROM users WHERE mail = ?"],
  ["SELECT 'it''s', \"a''b\", t1.c2 FROM t1", `SELECT ?, "a''b", t1.c2 FROM t1`],
  ["SELECT E'it\\'s 1' || 'x'", "SELECT ? || ?"],
  ["SELECT U&'d\\0061t', B'101', x'1F', N'n'", "SELECT ?, ?, ?, ?"],
  ["SELECT $$it's$$, $tag$ $$ secret $tag$, $1", "SELECT ?, ?, $1"],
  ["SELECT 1, 2.5, .5, 1e10, 0xFF, 1_000, a1", "SELECT ?, ?, ?, ?, ?, ?, a1"],
  ["SELECT -- secret 'x\n 1 /* a /* b */ 'c' */ FROM t", "SELECT ? FROM t"],
  ["DROP\tTABLE\r\n  test;\u0000\u001B[31m", "DROP TABLE test; [?"],
  ["SELECT 'cut off by the ser", "SELECT ?"],
  ["SELECT E'cut off\\", "SELECT ?"],
  ["SELECT $a$ cut off", "SELECT ?"],
  ["SELECT 1 /* cut off", "SELECT ?"],
  ["ALTER ROLE mail PASSWORD 'geheim'", "ALTER ROLE mail PASSWORD ?"],
  ["", ""],
])("%s", (sql, shown) => {
  expect(maskStatement(sql)).toBe(shown);
});

test.each([
  ["SELECT 'it\\'s secret', \"a\\\"b secret\", `col 1` FROM `t`", "SELECT ?, ?, `col 1` FROM `t`"],
  ["SELECT _utf8mb4 'a', X'4D', 0x4D, n'n' # secret 'x\n FROM t", "SELECT ?, ?, ?, ? FROM t"],
  ["DROP TABLE t /*! secret */ -- secret", "DROP TABLE t"],
  ["SELECT 'cut off\\", "SELECT ?"],
])("as MySQL writes it: %s", (sql, shown) => {
  expect(maskStatement(sql, "mysql")).toBe(shown);
});

test("what stands in a string literal never comes out", () => {
  const secret = "Zq7secretZq7";
  const filler = fc.string().map((text) => text.replaceAll("'", "''"));
  fc.assert(
    fc.property(filler, filler, (before, after) => {
      const sql = `SELECT a FROM t WHERE b = '${before}${secret}${after}' AND c = $q$${secret}$q$`;
      expect(maskStatement(sql)).toBe("SELECT a FROM t WHERE b = ? AND c = ?");
    }),
  );
});

const masking = (sql: string) => () => {
  for (let at = 0; at < 10; at += 1) maskStatement(sql);
};

test("any text gives one short line, in linear time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (sql) => {
      const shown = maskStatement(sql);
      expect(shown.length).toBeLessThanOrEqual(500);
      expect(shown).not.toMatch(/\p{Cc}/u);
    }),
  );
  for (const piece of ["'", "/*", "$$", "$a", "E'\\", '"', "1e", "--"]) {
    const [half, whole] = [piece.repeat(250_000), piece.repeat(500_000)];
    expect(doubled(masking(half), masking(whole)), piece).toMatchObject({ isLinear: true });
    expect(leastSeconds(masking(whole)), piece).toBeLessThan(1);
  }
});
