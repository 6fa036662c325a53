/** What is read of a request of the policy protocol (SMTPD_POLICY_README); everything else is left out. */
export interface PolicyRequest {
  readonly request?: string;
  /** The same in every request of one message. */
  readonly instance?: string;
  readonly client_address?: string;
  readonly client_name?: string;
  readonly sasl_username?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly size?: string;
  readonly stress?: string;
}

const keys: ReadonlySet<string> = new Set([
  "request",
  "instance",
  "client_address",
  "client_name",
  "sasl_username",
  "sender",
  "recipient",
  "size",
  "stress",
]);

/** The far side does not speak the protocol, or is hostile: the connection should end. */
class BadRequest extends Error {}

/** Cuts a stream into requests: `name=value` lines, ended by an empty one. Bounded; throws BadRequest. */
export class PolicyReader {
  #rest = "";
  #request: Record<string, string> = {};
  #bytes = 0;

  /** A request has begun and not ended. */
  get isOpen(): boolean {
    return this.#bytes > 0;
  }

  *push(chunk: Buffer): Generator<PolicyRequest, void, void> {
    this.#bytes += chunk.length;
    this.#rest += chunk.toString("latin1");
    // Looked at once a line: bytes may come one by one.
    const lines = chunk.includes(newlineByte) ? this.#rest.split("\n") : [];
    this.#rest = lines.pop() ?? this.#rest;
    for (const line of lines) {
      if (line !== "") {
        this.#take(line);
        continue;
      }
      const request = this.#request;
      this.#request = {};
      this.#bytes = this.#rest.length;
      yield request;
    }
    if (this.#bytes > longestRequestBytes) throw new BadRequest("a request without end");
  }

  #take(line: string): void {
    const equals = line.indexOf("=");
    if (equals < 1) throw new BadRequest("a line that is no name=value");
    const name = line.slice(0, equals);
    if (keys.has(name))
      this.#request[name] = Buffer.from(line.slice(equals + 1, equals + 1 + 1_024), "latin1").toString();
  }
}

const newlineByte = 10;
const longestRequestBytes = 65_536;
