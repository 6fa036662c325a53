/**
 * The token in what InfluxDB's clients send: `Token T` (2.x, and 1.8), `Bearer T`, Basic with it as the password, of 1.x also
 * `Token USER:T`, and the parameter `p`. Null when none of them is there.
 */
export function influxSecret(authorization: string | undefined, parameter: string): string | null {
  const [, kind = "", said = ""] = /^(\w+) +(\S+)$/.exec(authorization ?? "") ?? [];
  switch (kind.toLowerCase()) {
    case "bearer":
      return said;
    case "token":
      return behindColon(said);
    case "basic":
      return behindColon(Buffer.from(said, "base64").toString("utf8"));
    default:
      return parameter === "" ? null : parameter;
  }
}

const behindColon = (text: string): string => text.slice(text.indexOf(":") + 1);
