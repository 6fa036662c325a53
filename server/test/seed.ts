import * as fc from "fast-check";

/** The same values on every machine, so that a change is judged by what it changes; `npm run soak` takes others. */
fc.configureGlobal({ seed: Number(process.env["MAILTIDE_SEED"] ?? 20_160_511) });
