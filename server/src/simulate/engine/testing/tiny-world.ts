import { createRandom } from "../../random.ts";
import { createCalendar } from "../../scenario/calendar.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { Answer, Conditions, Destination, Session, World } from "../world.ts";

export interface TinyWorldOptions {
  readonly conditions?: Partial<Conditions>;
  /** Changes what is offered; `number` counts from 0. */
  session?(plain: Session, number: number): Partial<Session>;
  destination?(domain: string): Partial<Destination>;
  answered?(session: Session, answer: Answer, atMs: number): void;
  /** Instead of the scenario's rate. */
  readonly perSecond?: number;
  /** So many and no more. */
  readonly count?: number;
  /** Of a message that was put off or not answered: tries again after so long, as often as it takes. */
  readonly retryMs?: number;
}

/** A world of steady arrivals and nothing else, in which a test sets what goes wrong. */
export function tinyWorld(options: TinyWorldOptions = {}): (scenario: Scenario, seed: number) => World {
  return (scenario, seed) => {
    const random = createRandom(seed);
    const hostedDomains = ["one.example", "two.example", "three.example"];
    const customer = (number: number) => `user${number % 40}@${hostedDomains[number % 3] ?? ""}`;
    const conditions: Conditions = {
      dependency: () => ({ state: "ok", slowdown: 1 }),
      capacity: () => 1,
      attempt: () => null,
      inboundTimeoutShare: () => 0,
      connectionDelayMs: () => 0,
      logLossShare: () => 0,
      clockOffsetMs: () => 0,
      readableAtMs: (_node, atMs) => atMs,
      nextChangeMs: () => Infinity,
      ...options.conditions,
    };
    return {
      hostedDomains,
      conditions,
      destination: (domain) => ({
        name: `mx.${domain}`,
        ip: `198.51.100.${1 + (domain.length % 200)}`,
        operator: hostedDomains.includes(domain) ? null : domain.length,
        dead: domain === "closed.example",
        connectSeconds: 0.18,
        transmitSeconds: 0.45,
        greylists: false,
        fullMailboxShare: 0,
        ...options.destination?.(domain),
      }),
      deadAddress: () => "info@closed.example",
      customerAddress: (source) => customer(source.below(120)),
      start(agenda, doors, _usage, sink) {
        sink.change(JSON.stringify({ startAt: new Date(agenda.nowMs).toISOString(), title: "nothing" }));
        const { fromMs } = createCalendar(scenario);
        let number = 0;
        const offer = (session: Session) => {
          random.pick(doors).offer(session, (answer) => {
            options.answered?.(session, answer, agenda.nowMs);
            if (options.retryMs === undefined || (answer !== "deferred" && answer !== "no-answer")) return;
            agenda.at(agenda.nowMs + options.retryMs, () => offer(session));
          });
        };
        const next = () => {
          const client = { name: `out${number % 50}.post.example`, ip: `240.0.${number % 50}.9` };
          const isOut = number % 3 === 0;
          const plain: Session = {
            client,
            helo: client.name,
            saslUser: isOut ? customer(number) : null,
            sender: isOut ? customer(number) : `writer${number % 200}@far.example`,
            recipients: [isOut ? `reader${number % 200}@post-${number % 30}.example` : customer(number)],
            sizeBytes: 4_000,
            messageId: `${number}.${fromMs}@${client.name}`,
            hostile: false,
            who: "innocent",
            refuse: null,
          };
          offer({ ...plain, ...options.session?.(plain, number) });
          number++;
          if (number === options.count) return;
          agenda.at(agenda.nowMs + random.exponential(1000 / (options.perSecond ?? scenario.rate)), next);
        };
        agenda.at(agenda.nowMs, next);
      },
    };
  };
}
