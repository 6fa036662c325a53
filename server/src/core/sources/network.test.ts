import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { networkOf, unmapped } from "./network.ts";

test.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["::ffff:192.0.2.77", "192.0.2.0/24"],
  ["::ffff:c000:24d", "192.0.2.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8::/64"],
  ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
  ["::1", "::/64"],
  ["fe80::1%eth0", "fe80::/64"],
  ["unknown", "unknown"],
  ["1:2:3", "1:2:3"],
  ["::ffff:999.0.2.1", "::ffff:999.0.2.1"],
  ["", ""],
])("%s is in %s", (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

test("an IPv4-mapped address is the IPv4 address", () => {
  expect(unmapped("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(unmapped("0:0:0:0:0:ffff:c000:201")).toBe("192.0.2.1");
  expect(unmapped("::1")).toBe("::1");
  expect(unmapped("0.0.0.0")).toBe("0.0.0.0");
});

test("any IPv6 address lies in its network, which is written as RFC 5952 has it", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = ipaddr.IPv6.parse(text);
      fc.pre(!address.isIPv4MappedAddress());
      const [network, bits] = ipaddr.parseCIDR(networkOf(address.toRFC5952String()));
      expect(address.match(network as ipaddr.IPv6, bits)).toBe(true);
      expect(networkOf(address.toRFC5952String())).toBe(`${network.toString()}/64`);
    }),
  );
});
