import type { MailEvent } from "../../../core/event.ts";
import { policies } from "./render-policy.ts";
import { angled, behind, client, keyed, peer } from "./render-parts.ts";

/**
 * What may stand behind the tag of a line that says this, likeliest first. The reader knows more ways to say a thing than
 * an event tells apart, so that some are tried: the caller reads each back and takes the first that is the same.
 */
export function* bodiesOf(event: MailEvent): Generator<string> {
  for (const text of textsOf(event)) {
    const bodies = event.queueId === undefined ? [text] : [`${event.queueId}: ${text}`, text];
    for (const body of bodies) {
      if (event.repeated === undefined) yield body;
      else yield `message repeated ${event.repeated} times: [ ${body}]`;
    }
  }
}

function* textsOf(event: MailEvent): Generator<string> {
  const { action = "", reason = "" } = event;
  switch (event.event) {
    case "delivery":
      if (event.to !== undefined) yield delivery(event);
      else if (event.status === "deferred") yield `status=deferred (${reason})`;
      else if (event.status === "expired")
        yield `from=<${event.from ?? ""}>, status=${action || "expired"}${behind(", ", reason)}`;
      break;
    case "message":
      if (action === "pickup")
        yield `uid=0 from=<${event.from ?? ""}>${event.origQueueId === undefined ? "" : ` orig_id=${event.origQueueId}`}`;
      yield `from=<${event.from ?? ""}>, size=${event.size ?? ""}${event.nrcpt === undefined ? "" : `, nrcpt=${event.nrcpt}`} (queue active)`;
      break;
    case "queued":
      yield `message-id=<${event.messageId ?? ""}>`;
      yield `message-id=${event.messageId ?? ""}`;
      break;
    case "removed":
      yield "removed";
      break;
    case "client":
      yield `client=${client(event)}${keyed(", sasl_method=", event.saslMethod)}${keyed(", sasl_username=", event.saslUsername)}`;
      break;
    case "connect":
      yield `connect from ${client(event)}`;
      break;
    case "disconnect":
      if (action === "") yield `disconnect from ${client(event)}`;
      else yield `${action} after ${event.stage ?? ""} from ${client(event)}`;
      break;
    case "bounce-notice":
      yield `${action} notification: ${event.bounceQueueId ?? ""}`;
      break;
    case "auth-failure":
      yield `warning: ${client(event)}: SASL ${event.saslMethod ?? ""} authentication failed${behind(": ", reason)}${keyed(", sasl_username=", event.saslUsername)}`;
      break;
    case "warning":
      if (event.lostLines !== undefined) yield reason;
      yield `${action}: ${reason}`;
      break;
    case "other":
      if (event.messageId !== undefined) yield `resent-message-id=<${event.messageId ?? ""}>`;
      break;
    case "reject":
  }
  yield* verdicts(event);
  if (event.event === "other" || event.event === "warning") yield* asides(event);
}

function delivery(event: MailEvent): string {
  const { to = "", origTo, delay, delays, dsn, tls, status, action, reason } = event;
  const word = action === "softbounce" ? "SOFTBOUNCE" : (status ?? action);
  return [
    `to=<${to}>`,
    ...(origTo === undefined ? [] : [`orig_to=<${origTo}>`]),
    ...(event.relay === undefined && event.relayIp === undefined ? [] : [`relay=${relay(event)}`]),
    ...(delay === undefined ? [] : [`delay=${delay}`]),
    ...(delays === undefined ? [] : [`delays=${delays.join("/")}`]),
    ...(tls === undefined ? [] : [`tls=${tls}`]),
    ...(dsn === undefined ? [] : [`dsn=${dsn}`]),
    ...(word === undefined ? [] : [`status=${word}${reason === undefined ? "" : ` (${reason})`}`]),
  ].join(", ");
}

/** `reject: RCPT from host[ip]: 554 5.7.1 text; from=<a> to=<b> proto=ESMTP helo=<c>`, and what header checks say. */
function* verdicts(event: MailEvent): Generator<string> {
  const { action, stage } = event;
  if (action === undefined || stage === undefined) return;
  const facts = session(event);
  if (/^(?:mime |nested )?(?:header|body)$|^content$|^mime-error$/.test(stage)) {
    const verb = action === "warn" ? "warning" : action;
    const from = event.clientIp === undefined && event.clientName === undefined ? "local" : client(event);
    yield `${verb}: ${stage} x from ${from};${facts}${behind(": ", reply(event))}`;
    yield `${verb}: ${stage} x`;
    return;
  }
  const from = event.clientIp === undefined && event.clientName === undefined ? "" : ` from ${client(event)}`;
  yield `${action}: ${stage}${from}${behind(": ", reply(event))}${facts === "" ? "" : `;${facts}`}`;
  yield `${action}: ${stage}${from}: ${reply(event)};${facts}`;
}

/** Everything that is no milestone of a message. */
function* asides(event: MailEvent): Generator<string> {
  const { action = "", reason = "", stage } = event;
  const said = reply(event);
  if (action === "tls") {
    yield `TLS connection established to ${relay(event)}${behind(": ", event.tls ?? "")}`;
    yield `TLS connection established from ${client(event)}${behind(": ", event.tls ?? "")}`;
    yield `SSL_accept error from ${client(event)}${behind(": ", reason)}`;
    yield `TLS connection ${action}`;
    yield `Host offered STARTTLS: [${event.relay ?? ""}]`;
  } else if (action === "dnsblog") yield `addr ${event.clientIp ?? ""} ${reason}`;
  else if (action === "anvil" || action === "scache")
    yield `statistics: max${event.clientIp === undefined ? "" : ` (smtp:${event.clientIp}) at x`}`;
  else if (action === "pix")
    yield `enabling PIX workarounds: x${event.relay === undefined ? "" : ` for ${relay(event)}`}`;
  else if (operatorTexts[action] !== undefined) yield operatorTexts[action];
  if (event.relay !== undefined || event.relayIp !== undefined) {
    yield `host ${relay(event)} said: ${said}`;
    yield `host ${relay(event)} refused to talk to me: ${said}`;
    yield `connect to ${relay(event)}: server refused to talk to me: ${said}`;
    yield reason;
    yield `${action} to ${relay(event)}`;
    yield `${relay(event)}: -`;
    yield `lost connection with ${relay(event)} said: ${said}`;
    yield `SASL authentication failed; server ${relay(event)} said: ${said}`;
    yield `TLS is required, but host ${relay(event)} refused to start TLS: ${said}`;
  }
  if (event.clientIp !== undefined || event.clientName !== undefined) {
    if (stage !== undefined) yield `${action} after ${stage} from ${client(event)}`;
    yield `${action} from ${client(event)}`;
    yield `${action} ${client(event)}${behind(" ", reason)}`;
    yield `${action} from ${client(event)}: ${reason}`;
    yield `${client(event)}: -`;
    yield* policies(event);
    yield `${action}: ${client(event)}`;
    yield `- from ${client(event)}`;
  }
  if (event.to !== undefined) yield `${action} <${event.to}> to transport=x`;
  if (stage !== undefined) yield `${action} after ${stage}`;
  if (reason !== "") {
    yield reason;
    yield said;
    yield `${action} ${said}`;
  }
  if (action !== "") {
    yield `${action} `;
    yield `Policy action=${action}${behind(" ", said)}`;
  }
  yield "-";
}

const operatorTexts: Readonly<Record<string, string>> = {
  hold: "placed on hold",
  release: "released from hold",
  requeue: "requeued",
  expire: "expired",
  skipped: "skipped, still being delivered",
};

function relay({ relay = "", relayIp, relayPort }: MailEvent): string {
  return relayIp === undefined && relayPort === undefined ? relay : peer(relay, relayIp ?? "unknown", relayPort);
}

function reply({ code, dsn, reason }: MailEvent): string {
  return [code, dsn, reason].filter((part) => part !== undefined).join(" ");
}

function session(event: MailEvent): string {
  return [
    angled("from", event.from),
    angled("to", event.to),
    keyed(" proto=", event.proto),
    angled("helo", event.helo),
    keyed(" sasl_method=", event.saslMethod),
    keyed(" sasl_username=", event.saslUsername),
  ].join("");
}
